"""Unit tests of `components/data_lake`."""
