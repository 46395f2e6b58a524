"""Unit tests of the organization's guardrails."""
