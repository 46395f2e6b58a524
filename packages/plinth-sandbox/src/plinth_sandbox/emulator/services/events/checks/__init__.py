"""Preconditions of Amazon EventBridge, with its pipes and schedules."""
