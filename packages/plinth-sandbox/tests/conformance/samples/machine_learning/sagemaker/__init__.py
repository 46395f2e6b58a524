"""Samples of Amazon SageMaker."""

from __future__ import annotations

from conformance.samples.machine_learning.sagemaker import (
    features,
    images,
    jobs,
    models,
    monitoring,
    notebooks,
    registry,
    serving,
    studio,
    tracking,
)

SAMPLES = [
    *studio.SAMPLES,
    *notebooks.SAMPLES,
    *images.SAMPLES,
    *tracking.SAMPLES,
    *features.SAMPLES,
    *registry.SAMPLES,
    *jobs.SAMPLES,
    *monitoring.SAMPLES,
    *models.SAMPLES,
    *serving.SAMPLES,
]
