"""Permissions of Amazon S3."""
