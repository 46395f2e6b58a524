"""Unit tests of `components/registry`."""
