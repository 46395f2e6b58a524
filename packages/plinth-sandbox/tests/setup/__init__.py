"""Tests of the set-up of a fresh clone."""
