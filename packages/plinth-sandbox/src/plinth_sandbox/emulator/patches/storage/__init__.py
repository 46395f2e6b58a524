"""Emulator patches for S3 and KMS."""
