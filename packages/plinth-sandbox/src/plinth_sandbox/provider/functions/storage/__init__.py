"""Functions of catalog entries for DynamoDB and S3."""
