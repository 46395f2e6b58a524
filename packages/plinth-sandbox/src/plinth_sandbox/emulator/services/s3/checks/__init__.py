"""Preconditions of Amazon S3."""
