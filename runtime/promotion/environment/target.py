"""The environment to which an action of a promotion belongs: its stack, and sessions of its release role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from runtime.promotion.decisions.sign_offs import sign_offs
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.plan import Plan
from runtime.promotion.records import Records
from runtime.promotion.variables import Variables
from settings.data.artifact_layout import release_stack
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True)
class Target:
    """One environment's part of a promotion."""

    variables: Variables
    session: boto3.Session
    """Session of the role of the build: that of the promotion, or that of the program of this environment."""
    records: Records
    plan: Plan
    environment: ReleasedTo
    program: Path
    """Folder of the deployment repository at the commit of the plan."""

    @property
    def baseline(self) -> str | None:
        """ARN of the version of the last robust state, with which a trial compares the new one."""
        return (self.records.served(self.environment) or {}).get("model_package")

    @property
    def returns_to_nothing(self) -> bool:
        """Whether the execution rolls back to a state that was retired. The environment then serves nothing (RB-01).

        CodePipeline does not know of retirements: it rolls a stage back to its last execution that succeeded. A
        rollback has an id of its own, and the plan of that execution.
        """
        is_rollback = self.variables.execution != self.plan.execution
        return is_rollback and self.records.is_retired(self.environment)

    def stack(self) -> DeploymentStack:
        """Returns the stack that serves the plan."""
        baseline = self.baseline
        return DeploymentStack(
            program=self.program,
            project=self.variables.prefix,
            name=release_stack(self.variables.team, self.environment),
            region=self.variables.region,
            records=self.records,
            settings={
                **self._evidence(baseline),
                "release:version_arn": self.plan.model_package,
                "release:commit": self.plan.commit,
                "release:image": self.plan.image,
                "release:archive": self.plan.contents[0]["archive"],
                **({"release:baseline_arn": baseline} if baseline else {}),
            },
        )

    def released(self, policy: Mapping[str, Any] | None = None) -> boto3.Session:
        """Returns a session of the release role in the account of the environment, limited by a session policy."""
        taken = self.session.client("sts").assume_role(
            RoleArn=self.variables.release_roles[self.environment],
            RoleSessionName=f"promotion-{self.variables.execution}"[:64],
            **({"Policy": json.dumps(policy)} if policy else {}),
        )["Credentials"]
        return boto3.Session(
            region_name=self.variables.region,
            aws_access_key_id=taken["AccessKeyId"],
            aws_secret_access_key=taken["SecretAccessKey"],
            aws_session_token=taken["SessionToken"],
        )

    def _evidence(self, baseline: str | None) -> dict[str, str]:
        """Returns the configuration by which the policies judge the release: settings, versions, and who approved."""
        versions = [self.plan.model_package, *([baseline] if baseline else [])]
        promotion = {"versions": versions, "sign_offs": sign_offs(self.plan, self.records)}
        given = {**self.variables.foundation, "promotion": json.dumps(promotion)}
        return {f"plinth:{name}": text for name, text in given.items()}
