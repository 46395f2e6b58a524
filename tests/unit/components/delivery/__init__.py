"""Unit tests of `components/delivery`."""
