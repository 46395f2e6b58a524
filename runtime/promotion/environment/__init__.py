"""The environment of a release: what it serves, its scaling targets, and its alarms."""
