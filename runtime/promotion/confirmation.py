"""The commands that compare what an environment serves with the plan, and record it. They run no code of the deployment
repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runtime.promotion.environment.served import served
from runtime.promotion.environment.target import Target
from runtime.promotion.errors import PromotionError
from runtime.promotion.lifecycle import mark_served
from runtime.promotion.records import deployment_of, robust_state_of

LAST = "production"
DESCRIBE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sagemaker:Describe*", "Resource": "*"}],
}
"""Session policy for a comparison, which changes nothing."""


@dataclass(frozen=True)
class Confirmation:
    """Confirmation of a deployment by the promotion itself."""

    target: Target

    def confirm(self) -> None:
        """Marks in the registry what the environment serves, compares it with the plan, and records the deployment. In
        production, it is the robust state too.

        If it fails, CodePipeline rolls the stage back.

        Raises: PromotionError.
        """
        target = self.target
        outputs, baseline = target.stack().outputs(), target.baseline
        if target.returns_to_nothing:
            self._confirm_nothing(outputs)
            return
        found = served(target.released(DESCRIBE), outputs)
        ours = [arn for arn in found.versions if arn.startswith("arn:")]
        mark_served(target.session.client("sagemaker"), target.records, target.environment, ours)
        if faults := list(found.faults(outputs, target.plan, baseline)):
            raise PromotionError(f"{target.environment} does not serve the plan: {'; '.join(faults)}")
        record = self._record(outputs)
        target.records.write(deployment_of(target.variables.execution, target.environment), record)
        if target.environment == LAST:
            target.records.write(robust_state_of(target.environment), record)

    def accept(self) -> None:
        """Records the deployment, whose tests have passed, as the robust state of the environment (RB-02).

        Raises: PromotionError if the execution has confirmed no deployment.
        """
        target = self.target
        if target.returns_to_nothing:
            return
        execution = target.variables.execution
        record = target.records.read(deployment_of(execution, target.environment))
        if record is None:
            raise PromotionError(f"execution {execution} has confirmed no deployment to {target.environment}")
        target.records.write(robust_state_of(target.environment), record)

    def _confirm_nothing(self, outputs: Mapping[str, Any]) -> None:
        """Removes the marks of the environment. The record of the retirement stays its robust state."""
        target = self.target
        if outputs:
            raise PromotionError(f"{target.environment} serves {outputs}, although its use case was retired")
        mark_served(target.session.client("sagemaker"), target.records, target.environment, [])

    def _record(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        deployed = {"deployed_at": datetime.now(UTC).isoformat(timespec="seconds"), "outputs": dict(outputs)}
        return {**self.target.plan.served, **deployed, "environment": self.target.environment}
