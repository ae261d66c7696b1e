"""Text models, one file each: the file's name is the key in `writers:` of config.yaml."""
