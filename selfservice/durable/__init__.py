"""Durable execution of a graph of steps with DBOS. It knows neither stacks nor AWS.

Only ``workflow`` imports ``dbos``.
"""
