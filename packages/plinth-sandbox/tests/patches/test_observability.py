"""Cross-account observability: which accounts may link to a sink, and which metrics its account then sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.emulator.services.oam.patches.metric_filters import InvalidFilterError, NamespaceFilter
from plinth_sandbox.testing import EmulatedAws, refusal

METRICS, LOGS = "AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"
INVALID, CONFLICT = "InvalidParameterException", "ConflictException"
CLOSED = "its policy does not admit the account and the types"


def policy(account: str, types: list[str]) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": ["oam:CreateLink", "oam:UpdateLink"],
        "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"oam:ResourceTypes": types}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Pair:
    """A monitoring account with a sink, and a source account that it admits for metrics."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.monitoring, self.source = aws.new_account("monitoring"), aws.new_account("source")
        self.seeing, self.sharing = aws.client("oam", self.monitoring), aws.client("oam", self.source)
        self.sink = self.seeing.create_sink(Name="sink")["Arn"]
        self.seeing.put_sink_policy(SinkIdentifier=self.sink, Policy=policy(self.source, [METRICS]))

    def link(self, **changed: Any) -> dict[str, Any]:
        given = {"LabelTemplate": "$AccountName", "ResourceTypes": [METRICS], "SinkIdentifier": self.sink}
        return dict(self.sharing.create_link(**(given | changed)))

    def put(self, namespace: str, value: float) -> None:
        data = [{"MetricName": "Size", "Value": value}]
        self.aws.client("cloudwatch", self.source).put_metric_data(Namespace=namespace, MetricData=data)

    def listed(self, **asked: Any) -> list[tuple[str, str]]:
        answer = self.aws.client("cloudwatch", self.monitoring).list_metrics(IncludeLinkedAccounts=True, **asked)
        return sorted(
            (owner, metric["Namespace"])
            for owner, metric in zip(answer["OwningAccounts"], answer["Metrics"], strict=True)
        )


@pytest.fixture
def pair(aws: EmulatedAws) -> Pair:
    return Pair(aws)


def test_a_monitoring_account_sees_the_shared_namespaces_of_a_source_account(pair: Pair) -> None:
    pair.link(LinkConfiguration={"MetricConfiguration": {"Filter": "Namespace IN ('a/1') OR Namespace LIKE 'b/%'"}})
    for namespace in ("a/1", "a/2", "b/1"):
        pair.put(namespace, 1)
    assert pair.listed() == [(pair.source, "a/1"), (pair.source, "b/1")]
    assert pair.listed(OwningAccount=pair.monitoring) == []
    own = pair.aws.client("cloudwatch", pair.monitoring).list_metrics()
    assert own["Metrics"] == []
    assert "OwningAccounts" not in own


def test_a_monitoring_account_reads_values_of_shared_metrics_and_of_no_others(pair: Pair) -> None:
    pair.link(LinkConfiguration={"MetricConfiguration": {"Filter": "Namespace = 'shared'"}})
    for namespace in ("shared", "kept"):
        pair.put(namespace, 7)
    client, now = pair.aws.client("cloudwatch", pair.monitoring), datetime.now(UTC)

    def values(namespace: str) -> list[float]:
        metric = {"Namespace": namespace, "MetricName": "Size"}
        query = {"Id": "m", "AccountId": pair.source, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
        span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
        return list(client.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"][0]["Values"])

    assert values("shared") == [7]
    assert refusal(lambda: values("kept")) == "NotImplementedBySandbox"


def test_a_link_ends_what_the_monitoring_account_sees(pair: Pair) -> None:
    arn = pair.link()["Arn"]
    pair.put("any", 1)
    assert pair.listed() == [(pair.source, "any")]
    assert refusal(pair.seeing.delete_sink, Identifier=pair.sink) == CONFLICT
    pair.sharing.delete_link(Identifier=arn)
    assert pair.listed() == []
    pair.seeing.delete_sink(Identifier=pair.sink)
    assert pair.seeing.list_sinks()["Items"] == []


def test_a_sink_admits_the_accounts_and_types_of_its_policy(pair: Pair) -> None:
    stranger = pair.aws.client("oam", pair.aws.new_account("stranger"))
    given = {"LabelTemplate": "stranger", "ResourceTypes": [METRICS], "SinkIdentifier": pair.sink}
    with pytest.raises(ClientError, match=CLOSED):
        stranger.create_link(**given)
    for changed in ({"ResourceTypes": [METRICS, LOGS]}, {"SinkIdentifier": f"{pair.sink}0"}):
        with pytest.raises(ClientError, match=CLOSED):
            pair.link(**changed)
    link = pair.link()["Arn"]
    with pytest.raises(ClientError, match=CLOSED):
        pair.sharing.update_link(Identifier=link, ResourceTypes=[LOGS])
    (attached,) = pair.seeing.list_attached_links(SinkIdentifier=pair.sink)["Items"]
    assert (attached["LinkArn"], attached["ResourceTypes"]) == (link, [METRICS])


def test_an_account_has_one_sink_and_one_link_to_a_sink_of_another_account(pair: Pair) -> None:
    assert refusal(pair.seeing.create_sink, Name="second") == CONFLICT
    pair.link()
    assert refusal(pair.link) == CONFLICT
    own = pair.sharing.create_sink(Name="own")["Arn"]
    pair.sharing.put_sink_policy(SinkIdentifier=own, Policy=policy(pair.source, [METRICS]))
    assert refusal(pair.link, SinkIdentifier=own) == INVALID


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Namespace == 'a'", "expected a condition on Namespace"),
        ("Namespace = 'a' Namespace = 'b'", "expected AND or OR"),
        ("Namespace LIKE 'a'", "ends with %"),
        (" OR ".join(["Namespace = 'a'"] * 6), "at most 5 conditions"),
        ("Namespace = 'a' AND Namespace = 'b' OR Namespace = 'c'", "AND and OR"),
    ],
)
def test_a_filter_that_is_not_of_the_documented_form_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidFilterError, match=reason):
        NamespaceFilter.parse(text)


def test_a_link_with_an_invalid_filter_is_refused(pair: Pair) -> None:
    assert refusal(pair.link, LinkConfiguration={"MetricConfiguration": {"Filter": "Name = 'a'"}}) == INVALID


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        ("*", {"a", "ab", "c"}),
        ("Namespace != 'a'", {"ab", "c"}),
        ("Namespace NOT IN ('a', 'c')", {"ab"}),
        ("Namespace LIKE 'a%' AND Namespace != 'a'", {"ab"}),
        ("Namespace NOT LIKE 'a%' OR Namespace = 'ab'", {"ab", "c"}),
    ],
)
def test_a_filter_admits_namespaces_by_its_conditions(text: str, admitted: set[str]) -> None:
    chosen = NamespaceFilter.parse(text)
    assert {namespace for namespace in ("a", "ab", "c") if chosen.admits(namespace)} == admitted
