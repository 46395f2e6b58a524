"""The stack ``governance``: the account that stack operations run in."""
