"""Runs one SageMaker transform job: its containers, the batches of its input objects, and the answers in S3."""
