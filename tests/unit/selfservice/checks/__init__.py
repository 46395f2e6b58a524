"""Tests of the checks that refuse operations."""
