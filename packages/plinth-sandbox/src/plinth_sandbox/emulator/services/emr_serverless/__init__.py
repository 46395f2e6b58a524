"""Amazon EMR Serverless."""
