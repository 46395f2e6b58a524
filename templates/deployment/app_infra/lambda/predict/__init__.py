"""Lambda function of the real-time API. It needs the Lambda runtime for Python only, with its boto3."""
