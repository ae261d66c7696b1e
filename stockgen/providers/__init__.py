"""Makers of pictures: one file each, its name is the key in `config.yaml`."""
