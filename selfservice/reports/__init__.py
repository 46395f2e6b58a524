"""Reports about the settings: data access, lineage, freshness and cost. Commands that print them belong in ``cli``."""
