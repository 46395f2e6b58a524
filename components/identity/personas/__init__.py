"""Personas and their capabilities as policy statements.

The resources made from them are in `components.identity.people`.
"""
