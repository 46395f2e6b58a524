"""Catalog entries for SageMaker."""
