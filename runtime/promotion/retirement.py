"""The commands that end what a use case serves in an environment. They run no code of the deployment repository.

The first deletes the resources, with the role that deploys them. The second corrects the registry and the records, with
the role that writes them. Versions, records and logs stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import boto3

from runtime.promotion.engine import DeploymentStack
from runtime.promotion.lifecycle import mark_served
from runtime.promotion.records import RETIRED, Records, robust_state_of
from runtime.promotion.variables import Variables
from settings.data.artifact_layout import release_stack


@dataclass(frozen=True)
class Retirement:
    """The end of a use case in one environment."""

    variables: Variables
    session: boto3.Session
    records: Records

    def retire(self) -> None:
        """Deletes what the environment serves. Raises PromotionError."""
        DeploymentStack(
            program=Path.cwd(),
            project=self.variables.prefix,
            name=release_stack(self.variables.team, self.variables.environment),
            region=self.variables.region,
            records=self.records,
            settings={},
        ).destroy()

    def record(self) -> None:
        """Removes the marks of the environment from the registry (PROM-11), and records who ended what and when."""
        environment = self.variables.environment
        mark_served(self.session.client("sagemaker"), self.records, environment, [])
        if (state := self.records.served(environment)) is not None:
            end = {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "by": self.variables.required("REQUESTED_BY"),
                "reason": self.variables.values.get("REASON", ""),
            }
            self.records.write(robust_state_of(environment), {**state, RETIRED: end})
