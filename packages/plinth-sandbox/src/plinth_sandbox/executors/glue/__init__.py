"""Runs the script of a Glue job with the libraries that Glue provides."""
