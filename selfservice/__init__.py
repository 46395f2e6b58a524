"""The command line, and everything that it does: running stacks on the Pulumi engine, checks and reports.

It reaches stacks only through the engine. Settings belong in ``settings``, resources in ``components`` and ``stacks``.
"""
