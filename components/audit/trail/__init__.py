"""The organization's CloudTrail trail, the alarms on it, and its Athena table and queries.

Storage of its logs is not included; see `log_archive` in the parent package.
"""
