"""Samples of CloudWatch Observability Access Manager."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_METRICS, _TRACES = "AWS::CloudWatch::Metric", "AWS::XRay::Trace"
_SINK: Need = ("aws:oam/sink:Sink", {"name": "sample-{n}"})
_MONITORING = "333344445555"


def _policy(sid: str) -> str:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["oam:CreateLink", "oam:UpdateLink"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _sink(aws: Aws, it: Kept) -> dict[str, Any]:
    sink = aws("oam").get_sink(Identifier=it.id, IncludeTags=True)
    return {"name": sink["Name"].rpartition("-")[0], "tags": sink["Tags"]}


def _policy_of(aws: Aws, it: Kept) -> str:
    document = aws("oam").get_sink_policy(SinkIdentifier=it.id)["Policy"]
    return str(json.loads(document)["Statement"][0]["Sid"])


def _sink_elsewhere(aws: Aws, _known: dict[str, Any]) -> str:
    """Returns the sink of another account, which admits every link."""
    oam = aws("oam", _MONITORING)
    sinks = oam.list_sinks()["Items"] or [oam.create_sink(Name="elsewhere")]
    oam.put_sink_policy(SinkIdentifier=sinks[0]["Arn"], Policy=_policy("Links"))
    return str(sinks[0]["Arn"])


def _link(aws: Aws, it: Kept) -> dict[str, Any]:
    link = aws("oam").get_link(Identifier=it.id, IncludeTags=True)
    chosen = link.get("LinkConfiguration", {}).get("MetricConfiguration", {}).get("Filter")
    return {"shares": link["ResourceTypes"], "filter": chosen, "tags": link["Tags"]}


def _filtered(text: str) -> dict[str, Any]:
    return {"metricConfiguration": {"filter": text}}


SAMPLES = [
    Sample(
        type="aws:oam/sink:Sink",
        inputs={"name": "before-{n}", "tags": {"own": "1"}},
        look=_sink,
        seen={"name": "before", "tags": {"from": "provider", "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"name": "before", "tags": {"from": "provider", "own": "2"}},
        replace={"name": "after"},
        drift=lambda aws, it: aws("oam").tag_resource(ResourceArn=it.id, Tags={"own": "3"}),
        drifts="tags",
        remove=lambda aws, it: aws("oam").delete_sink(Identifier=it.id),
    ),
    Sample(
        type="aws:oam/sinkPolicy:SinkPolicy",
        needs={"sink": _SINK},
        inputs={"sinkIdentifier": "{sink.id}", "policy": _policy("Before")},
        look=_policy_of,
        seen="Before",
        change={"policy": _policy("After")},
        seen_changed="After",
        drift=lambda aws, it: aws("oam").put_sink_policy(SinkIdentifier=it.id, Policy=_policy("Drifted")),
        drifts="policy",
    ),
    Sample(
        type="aws:oam/link:Link",
        prepare=_sink_elsewhere,
        inputs={
            "labelTemplate": "$AccountName",
            "resourceTypes": [_METRICS],
            "sinkIdentifier": "{prepared}",
            "linkConfiguration": _filtered("Namespace = 'before'"),
            "tags": {"own": "1"},
        },
        look=_link,
        seen={"shares": [_METRICS], "filter": "Namespace = 'before'", "tags": {"from": "provider", "own": "1"}},
        change={"linkConfiguration": _filtered("Namespace = 'after'"), "tags": {"own": "2"}},
        seen_changed={"shares": [_METRICS], "filter": "Namespace = 'after'", "tags": {"from": "provider", "own": "2"}},
        replace={"labelTemplate": "account"},
        drift=lambda aws, it: aws("oam").update_link(Identifier=it.id, ResourceTypes=[_METRICS, _TRACES]),
        drifts="resourceTypes",
        remove=lambda aws, it: aws("oam").delete_link(Identifier=it.id),
    ),
]
