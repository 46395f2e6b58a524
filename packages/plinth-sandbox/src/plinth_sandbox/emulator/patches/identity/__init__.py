"""Emulator patches for IAM and IAM Identity Center."""
