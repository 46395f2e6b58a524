"""Tokens: those of issuers, which the emulator verifies, and those that it signs itself."""
