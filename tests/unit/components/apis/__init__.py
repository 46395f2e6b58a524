"""Unit tests of `components/apis`."""
