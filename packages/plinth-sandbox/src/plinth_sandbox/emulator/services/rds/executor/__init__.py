"""Runs DB instances of RDS: a PostgreSQL server for each, behind a front that verifies passwords of IAM."""
