"""Quotas of accounts: their values, and the refusal of requests beyond them.

Sizes of single documents and resources, which AWS also calls quotas, belong in ``preconditions``.
"""
