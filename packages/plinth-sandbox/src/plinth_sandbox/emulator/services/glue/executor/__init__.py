"""Executor of AWS Glue."""
