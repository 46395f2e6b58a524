"""SageMaker jobs: updates of a training job's instances."""

from __future__ import annotations

from typing import Any


def with_warm_pool_alone(request: dict[str, Any]) -> dict[str, Any]:
    """Reduces the request to the warm pool. Only the retention time of instances can change, and AWS requires it if the
    request names instances (SageMaker API, ResourceConfigForUpdate)."""
    return {name: said for name, said in request.items() if name != "ResourceConfig" or said}
