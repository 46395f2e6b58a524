"""Samples of AWS Glue."""

from __future__ import annotations

from tests.engine.conformance.samples.glue import jobs, tables

SAMPLES = [*tables.SAMPLES, *jobs.SAMPLES]
