"""Unit tests of `components/integration`."""
