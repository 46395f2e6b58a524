"""Emulator patches for API Gateway, EventBridge, SNS and SQS."""
