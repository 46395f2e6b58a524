"""Fingerprints of stacks: the inputs of a stack, and whether they changed since it last needed no change.

It computes digests of inputs, decides which stacks to skip, and says which stacks a change affects. Calls of the engine
belong in ``engine``.
"""
