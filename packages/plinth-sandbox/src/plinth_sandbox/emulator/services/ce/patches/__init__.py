"""Patches of AWS Cost Explorer."""
