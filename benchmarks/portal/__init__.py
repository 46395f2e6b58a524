"""Measures pages of the portal with a large catalog: ``python -m benchmarks.portal``."""
