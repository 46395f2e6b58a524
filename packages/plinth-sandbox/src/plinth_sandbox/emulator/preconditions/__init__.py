"""Refuses requests whose content AWS would refuse because of other resources, quotas or a grammar: missing principals,
oversized policies, dependent resources. Checks of one service belong in ``services``, and constraints of the service
models in ``validation``."""
