"""Operations on stacks: their results, the log of their events, the order of stacks and how many run in parallel.

Calls of the engine belong in ``engine``, and running operations in ``runner``.
"""
