"""Fingerprints of stacks: the inputs of a stack, and whether they changed since it last needed no change.

It records what the engine's processes read, computes digests of inputs and decides which stacks to skip. Calls of the
engine belong in ``engine``.
"""
