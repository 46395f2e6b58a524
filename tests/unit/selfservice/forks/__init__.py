"""Tests of engine access with recorded answers and plain processes."""
