"""What follows from the settings without I/O: accounts, stack graph, sharing, tags, output contracts.

Rules that can refuse settings belong in ``rules``.
"""
