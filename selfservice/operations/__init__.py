"""What an operation on stacks is: its result, the log of its events, the order of stacks and how many run at once.

Calls of the engine belong in ``engine``, and running operations in ``runner``.
"""
