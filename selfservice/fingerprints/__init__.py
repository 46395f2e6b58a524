"""Fingerprints of stacks: what a stack depends on, and whether any of it changed since it was last seen unchanged.

Belongs here: recording what the engine's processes read, digests of inputs, and the decision to leave a stack out.
Does not belong here: running the engine, and what a command prints.
"""
