"""Tests of selection and the runner."""
