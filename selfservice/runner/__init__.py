"""Runs operations on stacks: their selection, worker processes and results.

What an operation is belongs in ``operations``, and calls of the engine in ``engine``.
"""
