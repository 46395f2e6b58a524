"""Facts about AWS with their sources: limits and the services that a feature supports. Also how
commands enter accounts. Facts that only one component uses are in its module."""
