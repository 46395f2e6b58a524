"""Typed policy statements, trust policies and role names, used by all other packages.

Nothing here creates resources.
"""
