"""Conformance tests: every resource type of the provider catalog against the emulator, as the vendor's provider would
behave."""
