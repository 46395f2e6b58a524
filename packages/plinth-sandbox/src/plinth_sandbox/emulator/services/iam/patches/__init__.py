"""Patches of AWS IAM."""
