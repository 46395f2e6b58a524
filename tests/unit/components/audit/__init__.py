"""Unit tests of `components/audit`."""
