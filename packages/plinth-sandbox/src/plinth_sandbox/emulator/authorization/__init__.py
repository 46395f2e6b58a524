"""Judges the calls that executors make in the name of a role, by the policies that are provisioned. Calls of other
clients are not judged. Nothing here answers a call that is allowed."""
