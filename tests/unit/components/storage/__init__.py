"""Unit tests of `components/storage`."""
