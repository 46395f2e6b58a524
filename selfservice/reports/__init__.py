"""Reports: data access, lineage, freshness, cost and status of stacks. Commands that print them belong in ``cli``."""
