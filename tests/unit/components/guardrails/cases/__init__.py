"""Requests that guardrails must allow or deny, one module per concern."""
