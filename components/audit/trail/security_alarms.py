"""Alarms on events of the organization's trail and on findings, with the SNS topic that notifies people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.audit.trail.detections import Detection
from components.identity.iam.statements import Statement, policy_document
from components.monitoring.topic_policy import publishes, refuses_others

METRICS = "Plinth/Audit"
"""Namespace of the metrics."""
SECONDS = 300
SEVERE_FINDINGS = json.dumps(
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
"""Event pattern for severe Security Hub findings of all accounts that nobody has reviewed yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityAlarmsArgs:
    """Arguments of :class:`SecurityAlarms`."""

    topic_name: str
    """Name of the topic and the rule, and prefix of the names of the alarms."""

    account_id: pulumi.Input[str]
    """Id of the topic's account. Only its alarms publish to the topic."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization. Principals of others can neither publish nor subscribe."""

    key_arn: pulumi.Input[str]
    """ARN of the topic's KMS key. Its key policy must contain :func:`publishers_use_the_key`."""

    log_group_name: pulumi.Input[str]
    """Name of the organization trail's log group."""

    detections: Sequence[Detection]
    """Events that raise an alarm."""

    mailboxes: Mapping[str, str]
    """E-mail addresses of the recipients by their function (``owner``, ``security``). AWS asks each address to confirm
    the subscription."""

    def __post_init__(self) -> None:
        if not self.mailboxes:
            raise ValueError("mailboxes: is empty, so nobody would receive the alarms")


class SecurityAlarms(pulumi.ComponentResource):
    """Notifications about root use, tampering, denials by guardrails, break-glass access and severe findings.

    Creates: the encrypted topic with its policy and one subscription per mailbox; one metric filter and one alarm per
    detection; the rule that forwards severe findings.

    Outputs: ``topic_arn``.

    Raises: ValueError when there are no recipients.

    Cost: 0.10 USD per alarm and 0.30 USD per metric a month.

    Example::

        SecurityAlarms("alarms", SecurityAlarmsArgs(
            topic_name="acme-security-alarms", account_id="111111111111", organization_id="o-acme", key_arn=key.arn,
            log_group_name=trail.log_group_name, detections=detections(...), mailboxes={"owner": "owner@acme.example"},
        ))
    """

    topic_arn: pulumi.Output[str]
    """ARN of the topic, for further alarms; known once they may publish to it."""

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
        self._forward(rule)
        for detection in args.detections:
            self._alarm(detection)
        self.register_outputs({"topic_arn": self.topic_arn})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _policy(self, topic: aws.sns.Topic, rule: aws.cloudwatch.EventRule) -> aws.sns.TopicPolicy:
        by_alarms = {"StringEquals": {"aws:SourceAccount": self._args.account_id}}
        by_the_rule = {"ArnEquals": {"aws:SourceArn": rule.arn}}
        sids = {"outsiders": "RefuseOtherOrganizations", "plain": "RefusePlainHttp"}
        return aws.sns.TopicPolicy(
            f"{self._name}-policy",
            arn=topic.arn,
            policy=policy_document(
                publishes("Alarms", topic.arn, {"Service": ["cloudwatch.amazonaws.com"]}, by_alarms),
                publishes("GraveFindings", topic.arn, {"Service": ["events.amazonaws.com"]}, by_the_rule),
                *refuses_others(topic.arn, self._args.organization_id, **sids),
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
            event_pattern=SEVERE_FINDINGS,
            opts=self._child(),
        )

    def _forward(self, rule: aws.cloudwatch.EventRule) -> None:
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
    """Builds the key policy statement that lets alarms and rules encrypt messages to this topic.

    EventBridge passes neither its account nor its rule to KMS (SNS Developer Guide, "Setting up topic encryption"). The
    statement is therefore restricted by the topic, which SNS writes into the encryption context.
    """
    return Statement(
        sid="AlarmsEncrypt",
        principals={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arn}},
    )
