"""Components for CloudWatch cross-account observability: the monitoring account, and its source accounts."""
