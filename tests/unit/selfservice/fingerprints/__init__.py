"""Tests of fingerprints: every kind of changed input runs a stack."""
