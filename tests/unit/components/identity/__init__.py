"""Unit tests of `components/identity`."""
