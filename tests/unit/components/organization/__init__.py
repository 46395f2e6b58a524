"""Unit tests of `components/organization`."""
