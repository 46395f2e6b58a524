"""Values that are derived from the settings without I/O: accounts, stack graph, sharing and tags.

Rules that can refuse settings belong in ``rules``.
"""
