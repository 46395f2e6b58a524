"""Tests of runs on the emulator: Glue jobs and Athena queries."""
