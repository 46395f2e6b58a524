"""Runs one SageMaker training or processing job: its inputs, its container's command, its outputs and its log."""
