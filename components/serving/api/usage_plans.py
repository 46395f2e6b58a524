"""API keys of callers, and the usage plans that limit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.serving.api.caller_plan import CallerPlan


@dataclass(frozen=True, kw_only=True, slots=True)
class UsagePlansArgs:
    """Arguments of :class:`UsagePlans`."""

    api_name: str
    """Name of the API, with which the names of plans and keys begin."""

    api_id: pulumi.Input[str]
    """Id of the API."""

    stage_name: pulumi.Input[str]
    """Name of the stage that the plans limit. It exists before them."""

    plans: Sequence[CallerPlan]
    """Plans, one for each caller."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""

    def __post_init__(self) -> None:
        names = [plan.name for plan in self.plans]
        if len(set(names)) < len(names):
            raise ValueError(f"plans: {', '.join(names)}; give each caller one plan")


class UsagePlans(pulumi.ComponentResource):
    """A key and a plan with rate, burst and quota for each caller (RT-10).

    API Gateway generates the value of a key. A caller reads it with ``apigateway:GET`` on the key. The state of the
    stack has the value as a secret only. A key identifies a caller and authenticates nobody: requests are signed too.

    Creates: for each caller, a key, a usage plan of the stage, and the association of both.

    Outputs: ``key_ids``.

    Raises: ValueError for two plans of one caller.

    Cost: none.

    Example::

        UsagePlans("plans", UsagePlansArgs(
            api_name="fraud--scoring-prod", api_id=api.id, stage_name=stage.stage_name,
            plans=[CallerPlan(name="claims", requests_per_second=5, burst=10, quota=1000)],
        ))
    """

    key_ids: dict[str, pulumi.Output[str]]
    """Ids of the keys by the name of the caller, known once the key admits requests."""

    def __init__(self, name: str, args: UsagePlansArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:UsagePlans", name, None, opts)
        self.key_ids = {plan.name: self._plan(name, args, plan) for plan in args.plans}
        self.register_outputs({"key_ids": self.key_ids})

    def _plan(self, name: str, args: UsagePlansArgs, plan: CallerPlan) -> pulumi.Output[str]:
        child, own_name = pulumi.ResourceOptions(parent=self), f"{args.api_name}-{plan.name}"
        tags = dict(args.tags) or None
        key = aws.apigateway.ApiKey(
            f"{name}-{plan.name}-key",
            name=own_name,
            description=f"Identifies the caller {plan.name} of {args.api_name}",
            tags=tags,
            opts=child,
        )
        limits = aws.apigateway.UsagePlan(
            f"{name}-{plan.name}",
            name=own_name,
            description=f"Limits of the caller {plan.name} of {args.api_name}",
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=args.api_id, stage=args.stage_name)],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=plan.requests_per_second, burst_limit=plan.burst
            ),
            quota_settings=_quota(plan),
            tags=tags,
            opts=child,
        )
        admitted = aws.apigateway.UsagePlanKey(
            f"{name}-{plan.name}-admission",
            key_id=key.id,
            key_type="API_KEY",
            usage_plan_id=limits.id,
            # API Gateway returns the value of the key here too, and the provider marks it in the key alone.
            opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["value"]),
        )
        return pulumi.Output.all(key.id, admitted.id).apply(lambda known: str(known[0]))


def _quota(plan: CallerPlan) -> aws.apigateway.UsagePlanQuotaSettingsArgs | None:
    if plan.quota is None:
        return None
    return aws.apigateway.UsagePlanQuotaSettingsArgs(limit=plan.quota, period=plan.period)
