"""Alarms over the organization's trail and its findings, and the topic that tells people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.trail.detections import Detection
from components.identity.iam.statements import Statement, policy_document

METRICS = "Plinth/Audit"
"""Namespace of the metrics."""
SECONDS = 300
GRAVE_FINDINGS = json.dumps(
    {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {
            "findings": {
                "Severity": {"Label": ["CRITICAL", "HIGH"]},
                "RecordState": ["ACTIVE"],
                "Workflow": {"Status": ["NEW"]},
            }
        },
    }
)
"""What Security Hub has gathered from every account and nobody has looked at yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityAlarmsArgs:
    """Arguments of :class:`SecurityAlarms`."""

    topic_name: str
    """Of the topic, of the rule and, before a dash, of every alarm."""

    account_id: pulumi.Input[str]
    """Account of the topic; only its alarms publish there."""

    organization_id: pulumi.Input[str]
    """AWS Organization outside which nobody publishes or subscribes."""

    key_arn: pulumi.Input[str]
    """Key of the topic; its policy must have :func:`publishers_use_the_key`."""

    log_group_name: pulumi.Input[str]
    """Log group of the organization's trail."""

    detections: Sequence[Detection]
    """What to tell of."""

    mailboxes: Mapping[str, str]
    """Who is told: an address by what its owner is (``owner``, ``security``). AWS asks each once for consent."""

    def __post_init__(self) -> None:
        if not self.mailboxes:
            raise ValueError("mailboxes: is empty, so the alarms would tell nobody")


class SecurityAlarms(pulumi.ComponentResource):
    """Somebody is told of root's use, of tampering, of guardrails that refuse, of emergencies and of grave findings.

    Creates: the encrypted topic with its policy and a subscription per mailbox; a metric filter and an alarm per
    detection; the rule that passes grave findings on.

    Args: see :class:`SecurityAlarmsArgs`.

    Outputs: ``topic_arn``.

    Raises: ValueError when nobody would be told.

    Cost: 0.10 USD per alarm and 0.30 USD per metric a month.

    Example::

        SecurityAlarms("alarms", SecurityAlarmsArgs(
            topic_name="acme-security-alarms", account_id="111111111111", organization_id="o-acme", key_arn=key.arn,
            log_group_name=trail.log_group_name, detections=detections(...), mailboxes={"owner": "owner@acme.example"},
        ))
    """

    topic_arn: pulumi.Output[str]
    """For further alarms, known once it takes them."""

    def __init__(self, name: str, args: SecurityAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:audit:SecurityAlarms", name, None, opts)
        self._name, self._args = name, args

        topic = aws.sns.Topic(
            name,
            name=args.topic_name,
            display_name="Security alarms",
            kms_master_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        rule = self._rule()
        policy = self._policy(topic, rule)
        self.topic_arn = pulumi.Output.all(topic.arn, policy.id).apply(lambda known: str(known[0]))
        self._subscribe(topic)
        self._pass_on(rule)
        for detection in args.detections:
            self._alarm(detection)
        self.register_outputs({"topic_arn": self.topic_arn})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _policy(self, topic: aws.sns.Topic, rule: aws.cloudwatch.EventRule) -> aws.sns.TopicPolicy:
        by_alarms = {"StringEquals": {"aws:SourceAccount": self._args.account_id}}
        by_the_rule = {"ArnEquals": {"aws:SourceArn": rule.arn}}
        return aws.sns.TopicPolicy(
            f"{self._name}-policy",
            arn=topic.arn,
            policy=policy_document(
                _publishes("Alarms", "cloudwatch", topic.arn, by_alarms),
                _publishes("GraveFindings", "events", topic.arn, by_the_rule),
                *_refusals(topic.arn, self._args.organization_id),
            ),
            opts=self._child(),
        )

    def _subscribe(self, topic: aws.sns.Topic) -> None:
        for who, mailbox in self._args.mailboxes.items():
            aws.sns.TopicSubscription(
                f"{self._name}-tell-{who}", topic=topic.arn, protocol="email", endpoint=mailbox, opts=self._child()
            )

    def _rule(self) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            f"{self._name}-grave-findings",
            name=f"{self._args.topic_name}-findings",
            description="Grave findings of every account that nobody has looked at yet",
            event_pattern=GRAVE_FINDINGS,
            opts=self._child(),
        )

    def _pass_on(self, rule: aws.cloudwatch.EventRule) -> None:
        aws.cloudwatch.EventTarget(
            f"{self._name}-tell-of-findings",
            rule=rule.name,
            target_id="topic",
            arn=self.topic_arn,
            opts=self._child(),
        )

    def _alarm(self, detection: Detection) -> None:
        alarm_name = f"{self._args.topic_name}-{detection.name}"
        transformation = aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=detection.name, namespace=METRICS, value="1", default_value="0"
        )
        counted = aws.cloudwatch.LogMetricFilter(
            f"{self._name}-{detection.name}-count",
            name=alarm_name,
            log_group_name=self._args.log_group_name,
            pattern=detection.pattern,
            metric_transformation=transformation,
            opts=self._child(),
        )
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{detection.name}",
            name=alarm_name,
            alarm_description=detection.description,
            namespace=METRICS,
            metric_name=counted.metric_transformation.name,
            statistic="Sum",
            period=SECONDS,
            evaluation_periods=1,
            threshold=detection.occurrences,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[self.topic_arn],
            opts=self._child(),
        )


def publishers_use_the_key(topic_arn: pulumi.Input[str]) -> Statement:
    """For the key's policy: alarms and rules encrypt what they publish to this one topic.

    EventBridge gives KMS neither account nor rule (SNS Developer Guide, "Setting up topic encryption"), so the topic,
    which SNS writes into the encryption context, is what confines them.
    """
    return Statement(
        sid="AlarmsEncrypt",
        principals={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}},
    )


def _publishes(
    sid: str, service: str, topic_arn: pulumi.Output[str], conditions: Mapping[str, Mapping[str, pulumi.Input[str]]]
) -> Statement:
    return Statement(
        sid=sid,
        principals={"Service": [f"{service}.amazonaws.com"]},
        actions=["sns:Publish"],
        resources=[topic_arn],
        conditions=conditions,
    )


def _refusals(topic_arn: pulumi.Output[str], organization_id: pulumi.Input[str]) -> list[Statement]:
    return [
        Statement(
            sid="RefuseOtherOrganizations",
            effect="Deny",
            principals="*",
            actions=["sns:Publish", "sns:Subscribe"],
            resources=[topic_arn],
            conditions={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        ),
        Statement(
            sid="RefusePlainHttp",
            effect="Deny",
            principals="*",
            actions=["sns:Publish"],
            resources=[topic_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
