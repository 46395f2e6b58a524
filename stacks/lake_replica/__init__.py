"""The stack ``lake-replica``: copies of the lake's zones in a second region, if a setting names one."""
