"""Access to the Pulumi engine and its states: commands, locks, recovery after a kill, and lookups in AWS.

The order in which stacks run belongs in ``operations``.
"""
