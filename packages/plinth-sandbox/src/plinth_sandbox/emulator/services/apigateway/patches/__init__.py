"""Patches of Amazon API Gateway."""
