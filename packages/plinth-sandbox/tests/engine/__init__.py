"""Tests of finding, downloading and building the engine."""
