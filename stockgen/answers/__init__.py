"""What text models answered, read whatever its form: text in, plain data out."""

from stockgen.answers.reading import Answer, read

__all__ = ["Answer", "read"]
