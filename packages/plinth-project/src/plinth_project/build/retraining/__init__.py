"""Retraining of the served model: whether it may start, its record, and the run."""
