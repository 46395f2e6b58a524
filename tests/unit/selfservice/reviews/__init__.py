"""Tests of reviews of pull requests."""
