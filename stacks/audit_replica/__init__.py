"""The stack ``audit-replica``: a locked copy of the log archive in a second region, if a setting names one."""
