"""Amazon SageMaker: Studio, notebooks, jobs, models, endpoints, monitoring and features."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker import (
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

RESOURCES = [
    *studio.RESOURCES,
    *notebooks.RESOURCES,
    *images.RESOURCES,
    *tracking.RESOURCES,
    *features.RESOURCES,
    *registry.RESOURCES,
    *jobs.RESOURCES,
    *monitoring.RESOURCES,
    *models.RESOURCES,
    *serving.RESOURCES,
]
