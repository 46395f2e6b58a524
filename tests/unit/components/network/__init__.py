"""Unit tests of `components/network`."""
