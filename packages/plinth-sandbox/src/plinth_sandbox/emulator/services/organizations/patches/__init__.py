"""Patches of AWS Organizations."""
