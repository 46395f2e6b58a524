"""The stack ``audit``: the log archive and the services that monitor every account."""
