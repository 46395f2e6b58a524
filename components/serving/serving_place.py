"""The environment in which a use case serves: names, network, key, bucket and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from settings.data.ml_layout import PredictionSwitch


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingPlace:
    """Names and resources that the foundation provides to a use case in one environment."""

    prefix: str
    """Prefix of all names: ``<team>--<use case>-preprod`` or ``-prod``. Endpoint, API and dashboard have this name."""

    use_case: str
    """Name of the use case, which is its folder in the ML bucket."""

    region: str
    """Region of the environment."""

    bucket: str
    """Name of the environment's ML bucket."""

    key_arn: str
    """ARN of the environment's KMS key."""

    subnet_ids: Sequence[str]
    """Private subnets in at least two zones."""

    security_group_ids: Sequence[str]
    """Security groups of containers and functions."""

    serving_role_arn: str
    """ARN of the role of models."""

    function_role_arn: str
    """ARN of the role of the function."""

    topic_arn: str
    """ARN of the topic of alarms."""

    tester_role_arn: str = ""
    """ARN of the role whose requests are tests, and get predictions also while they are stopped. Empty for none."""

    isolated: bool = True
    """Whether containers cannot make network calls."""

    log_retention_days: int
    """Days that logs are kept."""

    @property
    def switch_variables(self) -> dict[str, str]:
        """Environment variables of functions that predict: where the switch of predictions is, and whom it spares."""
        key = PredictionSwitch(use_case=self.use_case).object_key
        return {"BUCKET": self.bucket, "SWITCH": key, "TESTER": self.tester_role_arn}

    @property
    def function_name(self) -> str:
        """Name of the function between API and endpoint."""
        return f"{self.prefix}-predict"

    @property
    def event_function_name(self) -> str:
        """Name of the function between events and endpoint."""
        return f"{self.prefix}-predict-event"

    @property
    def monitor_function_name(self) -> str:
        """Name of the function that starts comparisons with the baseline, and of the rule that invokes it."""
        return f"{self.prefix}-start-monitor"
