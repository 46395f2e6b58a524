"""Patches of AWS Lake Formation."""
