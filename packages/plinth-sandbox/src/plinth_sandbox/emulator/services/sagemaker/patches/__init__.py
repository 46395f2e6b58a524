"""Patches of Amazon SageMaker."""
