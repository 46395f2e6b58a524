"""Patches of Amazon RDS."""
