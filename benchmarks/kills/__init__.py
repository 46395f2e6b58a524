"""Kills processes at random points and compares AWS with the states."""
