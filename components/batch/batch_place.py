"""The environment in which a use case predicts in batches: names, network, key, bucket and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchPlace:
    """Names and resources that the foundation provides to a use case in one environment."""

    prefix: str
    """Prefix of all names: ``<team>--<use case>-preprod`` or ``-prod``."""

    use_case: str
    """Name of the use case, which is its folder in the ML bucket."""

    bucket: str
    """Name of the environment's ML bucket."""

    key_arn: str
    """ARN of the environment's KMS key."""

    subnet_ids: Sequence[str]
    """Private subnets in at least two zones."""

    security_group_ids: Sequence[str]
    """Security groups of containers and of the function."""

    serving_role_arn: str
    """ARN of the role of models, with which batch transform reads and writes."""

    pipeline_role_arn: str
    """ARN of the role of the pipeline and its processing jobs."""

    start_role_arn: str
    """ARN of the role of the function that starts runs."""

    dead_letter_queue_arn: str
    """ARN of the queue for events that do not reach the function."""

    isolated: bool = True
    """Whether containers of models cannot make network calls."""

    log_retention_days: int
    """Days that logs are kept."""

    @property
    def pipeline_name(self) -> str:
        """Name of the pipeline."""
        return f"{self.prefix}-inference"

    @property
    def function_name(self) -> str:
        """Name of the function that starts runs."""
        return f"{self.prefix}-start-batch"

    @property
    def rule_name(self) -> str:
        """Name of the rule that invokes the function."""
        return f"{self.prefix}-start-batch"
