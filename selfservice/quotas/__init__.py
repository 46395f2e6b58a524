"""Quotas of accounts: what stacks need of them, what AWS allows and holds, and the comparison.

Refusals of operations belong in ``checks``, and the limits of policy documents in ``settings``.
"""
