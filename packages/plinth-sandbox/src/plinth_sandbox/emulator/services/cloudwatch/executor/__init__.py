"""CloudWatch: metrics, metric math, alarms that are evaluated, and dashboards."""
