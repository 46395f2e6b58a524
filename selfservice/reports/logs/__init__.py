"""Logs of builds, of the jobs of pipeline runs, and of the actions of promotions, read from CloudWatch Logs."""
