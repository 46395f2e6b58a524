"""Runs the script of a Glue job, with what Glue has around it."""
