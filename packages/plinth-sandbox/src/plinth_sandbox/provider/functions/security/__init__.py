"""Functions of catalog entries for IAM, Identity Center and detection services."""
