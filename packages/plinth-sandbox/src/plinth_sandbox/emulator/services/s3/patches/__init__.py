"""Patches of Amazon S3."""
