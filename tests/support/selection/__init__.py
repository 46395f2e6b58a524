"""Selects the tests that a change can affect, for ``make test-changed``."""
