"""The team catalog in DynamoDB: teams with their accounts, requests for account sets, decisions and records."""
