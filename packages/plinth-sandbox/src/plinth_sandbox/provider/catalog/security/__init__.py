"""Catalog entries for IAM, Identity Center, KMS and detection services."""
