"""Statements of the organization's policies, one module per concern.

Nothing here creates resources; `guardrail` in the parent package does.
"""
