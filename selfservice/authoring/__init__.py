"""Writes settings files: a new team, a new organization. What is written has passed every rule of the settings."""
