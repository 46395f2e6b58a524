"""Runners of continuous integration: one for each team, whose jobs run in pods of their own."""
