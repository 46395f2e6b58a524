"""Unit tests of the provider plugin: no engine and no emulator."""
