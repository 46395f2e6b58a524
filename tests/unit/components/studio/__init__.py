"""Unit tests of `components/studio`."""
