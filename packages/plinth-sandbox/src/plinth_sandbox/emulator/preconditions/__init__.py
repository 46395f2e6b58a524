"""Refuses requests whose content AWS would refuse because of other resources, quotas or a grammar: missing principals,
oversized policies, dependent resources, schedules. Constraints of the service models belong in ``validation``."""
