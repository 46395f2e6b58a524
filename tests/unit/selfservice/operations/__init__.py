"""Tests of what an operation is: limits, schedule, event log, inputs of policies."""
