"""Quotas of accounts: what stacks need of them, what AWS allows and holds, and the comparison.

The quota of accounts in an organization is in ``checks``, and the limits of policy documents are in ``settings``.
"""
