"""Checks and generators for the written documentation. Tests of the documentation belong in ``tests/unit``."""
