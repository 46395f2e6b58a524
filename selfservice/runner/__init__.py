"""Runs operations on stacks: selection, schedule, worker processes and event logs.

Calls of the engine belong in ``engine``.
"""
