"""Emulator patches for databases: RDS and DynamoDB."""
