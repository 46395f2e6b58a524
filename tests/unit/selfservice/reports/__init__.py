"""Tests of the reports on data and cost."""
