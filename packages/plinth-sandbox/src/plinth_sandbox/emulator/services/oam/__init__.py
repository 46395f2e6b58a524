"""CloudWatch cross-account observability."""
