"""Samples of Amazon SageMaker."""

from __future__ import annotations

from tests.engine.conformance.samples.sagemaker import features, images, monitoring, registry, studio, tracking

SAMPLES = [
    *studio.SAMPLES,
    *images.SAMPLES,
    *tracking.SAMPLES,
    *features.SAMPLES,
    *registry.SAMPLES,
    *monitoring.SAMPLES,
]
