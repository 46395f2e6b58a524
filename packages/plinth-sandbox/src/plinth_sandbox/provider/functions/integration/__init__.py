"""Functions of catalog entries for API Gateway, SNS and SQS."""
