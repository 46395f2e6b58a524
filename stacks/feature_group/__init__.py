"""The stack of a feature group: its stores and their shares. Grants on the offline store are in teams' stacks."""
