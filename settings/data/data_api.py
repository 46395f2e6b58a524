"""Datasets served by an API, for those who train on them and for those who infer from them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import DatasetName, List, within

DATA_API = "data-api"
"""In the names of all that it consists of: ``fraud-development-data-api``."""
MAX_SERVED_DATASETS = 50
"""Datasets: each takes up to five of the 300 resources that an API has (API Gateway quotas)."""
MAX_ROWS = 1000
"""Of one answer: a page of Athena's (its API, "GetQueryResults")."""


class DataApi(Settings):
    """Tables that are asked for by HTTPS and answered by Athena. It costs an endpoint of the network."""

    datasets: List[DatasetName] = Field(
        description="The datasets that it serves: tables that are shared with this environment.",
        examples=[["card-payments"]],
    )
    requests_per_second: Annotated[int, within(1, 100, "requests a second")] = Field(
        default=10, description="Requests a second of all callers together, and twice as many at once."
    )
