"""The stack ``data-lake``: account, key, network and zones. It names no team and no dataset."""
