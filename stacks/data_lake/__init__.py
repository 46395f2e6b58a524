"""The stack ``data-lake``: zones, key and catalog. It names no team and no dataset."""
