"""The topic that is told of alarms of deployed models, and the people who follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document
from components.monitoring.topic_policy import publishes, refuses_others


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmTopicArgs:
    """Arguments of :class:`AlarmTopic`."""

    topic_name: str
    """Name of the topic: the name of the endpoint, and ``-alarms``."""

    account_id: pulumi.Input[str]
    """Id of the topic's account. Only its alarms and rules publish to the topic."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Principals of others can neither publish nor subscribe."""

    key_arn: pulumi.Input[str]
    """ARN of the topic's KMS key, which admits CloudWatch and EventBridge (:func:`alarms_use_the_key`)."""

    mailboxes: Mapping[str, str]
    """E-mail addresses of the recipients by their function (``owner``). AWS asks each to confirm the subscription."""

    rules_arn: pulumi.Input[str]
    """ARN pattern of the EventBridge rules that publish: those that tell of failures."""

    def __post_init__(self) -> None:
        if not self.mailboxes:
            raise ValueError("mailboxes: is empty, so nobody would receive the alarms")


class AlarmTopic(pulumi.ComponentResource):
    """A topic for the alarms of one endpoint. It exists before the endpoint, and releases cannot change who follows it.

    Creates: the encrypted topic with its policy, and one subscription per mailbox.

    Outputs: ``arn``.

    Raises: ValueError when there are no recipients.

    Cost: 2 USD per 100,000 e-mails.

    Example::

        AlarmTopic("alarms-production", AlarmTopicArgs(
            topic_name="fraud--scoring-prod-alarms", account_id=production_id, organization_id="o-acme",
            key_arn=key_arn, mailboxes={"owner": "fraud@acme.example"},
            rules_arn="arn:aws:events:eu-west-1:444444444444:rule/fraud--scoring-prod-*",
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the topic, known once alarms may publish to it."""

    def __init__(self, name: str, args: AlarmTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:AlarmTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            name,
            name=args.topic_name,
            display_name="Alarms of a model",
            kms_master_key_id=args.key_arn,
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=policy_document(*_statements(topic.arn, args)),
            opts=child,
        )
        for who, mailbox in args.mailboxes.items():
            aws.sns.TopicSubscription(
                f"{name}-tell-{who}", topic=topic.arn, protocol="email", endpoint=mailbox, opts=child
            )
        self.arn = pulumi.Output.all(topic.arn, policy.id).apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})


def alarms_use_the_key(account_id: pulumi.Input[str], region: str) -> Statement:
    """Builds the key policy statement that lets alarms and rules encrypt messages to topics of alarms of the account.

    EventBridge passes neither its account nor its rule to KMS (SNS Developer Guide, "Setting up topic encryption",
    "Enable compatibility between event sources from AWS services and encrypted topics").
    """
    topics = arn_of("sns", region, account_id, "*-alarms")
    return Statement(
        sid="AlarmsEncrypt",
        principals={"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
    )


def _statements(arn: pulumi.Output[str], args: AlarmTopicArgs) -> list[Statement]:
    of_the_account = {"StringEquals": {"aws:SourceAccount": args.account_id}}
    by_rules = {"ArnLike": {"aws:SourceArn": args.rules_arn}}
    return [
        publishes("AlarmsOfTheAccount", arn, {"Service": ["cloudwatch.amazonaws.com"]}, of_the_account),
        publishes("RulesOfFailures", arn, {"Service": ["events.amazonaws.com"]}, by_rules),
        *refuses_others(arn, args.organization_id),
    ]
