"""Patches of CloudWatch cross-account observability."""
