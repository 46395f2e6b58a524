"""Programs that run inside the accounts. They call AWS with boto3 and know the settings' value types, never Pulumi."""
