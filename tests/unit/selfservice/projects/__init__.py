"""Tests of the project that operations work on."""
