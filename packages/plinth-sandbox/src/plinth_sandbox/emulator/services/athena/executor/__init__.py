"""Executor of Amazon Athena."""
