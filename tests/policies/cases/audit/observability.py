"""Cases of policies/security/rules/audit/observability.py."""

from __future__ import annotations

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but


def link(types: list[str] | None = None, **configuration: object) -> dict[str, object]:
    chosen = configuration or {"filter": "Namespace = 'AWS/SageMaker'"}
    return {
        "labelTemplate": "$AccountName",
        "resourceTypes": ["AWS::CloudWatch::Metric"] if types is None else types,
        "sinkIdentifier": f"arn:aws:oam:eu-west-1:{OWN_ACCOUNT}:sink/0f6d2d3e",
        "linkConfiguration": {"metricConfiguration": chosen},
    }


CASES = [
    Case(
        rule="CW-02",
        type="aws:oam/link:Link",
        compliant=Situation(inputs=link()),
        optional=frozenset({"labelTemplate", "resourceTypes", "resourceTypes.0", "sinkIdentifier"}),
        refused={
            "also shares logs": but(link(["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"])),
            "shares traces": but(link(["AWS::XRay::Trace"])),
            "has no filter": but({"linkConfiguration": {}}),
            "shares every namespace": but(link(filter="*")),
        },
    )
]
