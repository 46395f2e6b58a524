"""The AWS Organization: units, accounts, delegated administration, contacts and budgets.

Guardrail statements are in `guardrails`.
"""
