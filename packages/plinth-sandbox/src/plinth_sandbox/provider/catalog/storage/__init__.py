"""Catalog entries for DynamoDB, EBS and S3."""
