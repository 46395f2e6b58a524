"""SageMaker's jobs: what of a training job's instances can change."""

from __future__ import annotations

from typing import Any


def with_warm_pool_alone(request: dict[str, Any]) -> dict[str, Any]:
    """A request for a change of a training job. Of its instances only how long they wait for another job can change,
    and AWS insists on that where they are named at all (SageMaker API, ResourceConfigForUpdate)."""
    return {name: said for name, said in request.items() if name != "ResourceConfig" or said}
