"""Drops texts of rules and guardrails one at a time."""
