"""Emulator patches for SageMaker, Feature Store records and Application Auto Scaling."""
