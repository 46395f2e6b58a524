"""Kills what takes part in operations that run as Jobs, and says what is wrong afterwards."""
