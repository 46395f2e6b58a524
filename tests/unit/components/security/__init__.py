"""Unit tests of `components/security`."""
