"""Monitoring of a served version: records of its traffic, and their comparison with the baseline of its training."""
