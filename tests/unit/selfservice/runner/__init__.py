"""Tests of selection, schedule, event logs and the runner."""
