"""CloudWatch alarms and dashboards of deployed models, and the topics that notify people."""
