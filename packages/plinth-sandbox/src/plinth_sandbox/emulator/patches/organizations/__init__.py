"""Emulator patches for AWS Organizations, and for settings of accounts and shares between them."""
