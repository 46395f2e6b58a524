"""Checks that refuse an operation. Rules about single resources belong in the policy packs."""
