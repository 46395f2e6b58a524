"""Patches of AWS IAM Identity Center, with its directory and its sign-in."""
