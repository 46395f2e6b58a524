"""Settings of a data API, which serves datasets for training and inference."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import DatasetName, List, within

DATA_API = "data-api"
"""Part of the names of its resources: ``fraud-development-data-api``."""
MAX_SERVED_DATASETS = 50
"""Maximum datasets of an API. Each needs up to five of the 300 resources of an API (API Gateway quotas)."""
MAX_ROWS = 1000
"""Maximum rows of one response, which is a page of query results (Athena API, GetQueryResults)."""


class DataApi(Settings):
    """A private HTTPS API that queries tables with Athena. It needs an interface endpoint, which costs per hour."""

    datasets: List[DatasetName] = Field(
        description="Datasets that the API serves. They must be tables shared with this environment.",
        examples=[["card-payments"]],
    )
    requests_per_second: Annotated[int, within(1, 100, "requests a second")] = Field(
        default=10, description="Maximum requests per second of all callers together. The burst limit is twice as high."
    )
