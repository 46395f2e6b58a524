"""Promotions of a use case: reads what happened, starts one, and rolls an environment back. What a promotion does is in
``runtime.promotion``.
"""
