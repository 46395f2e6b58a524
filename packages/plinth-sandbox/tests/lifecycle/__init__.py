"""Tests of starting, stopping and resetting a sandbox."""
