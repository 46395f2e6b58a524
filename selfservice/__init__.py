"""Command line and portal, and everything that they do: running stacks on the Pulumi engine, checks and reports.

It reaches stacks only through the engine. Settings belong in ``settings``, resources in ``components`` and ``stacks``.
"""
