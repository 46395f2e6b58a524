"""Emulators that are forks of a process with their imports, for tests that start many of them."""
