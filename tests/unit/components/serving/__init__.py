"""Unit tests of `components/serving`."""
