"""Requests of lead data scientists for use cases: their validation, their table, and the runner that creates what they
ask for."""
