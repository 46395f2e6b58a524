"""Samples of AWS Glue."""

from __future__ import annotations

from conformance.samples.analytics.glue import jobs, tables

SAMPLES = [*tables.SAMPLES, *jobs.SAMPLES]
