"""Unit tests of components, without an engine."""
