"""Lambda function that starts batch inference. It needs the Lambda runtime for Python only, with its boto3."""
