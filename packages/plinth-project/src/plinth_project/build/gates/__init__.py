"""Conditions for the registration of a version: those of the foundation, of a trend, and of fairness."""
