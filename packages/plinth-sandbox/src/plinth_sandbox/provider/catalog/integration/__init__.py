"""Catalog entries for API Gateway, Application Auto Scaling, EventBridge Pipes, SNS, SQS and Step Functions."""
