"""Functions of catalog entries for SageMaker."""
