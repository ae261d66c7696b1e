"""What text models answered, read whatever its form: text in, plain data out."""
