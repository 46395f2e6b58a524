"""The topic that tells people of promotions that wait for them or have failed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document
from components.integration.dead_letter_queue import kept_if_undelivered
from components.monitoring.topic_policy import publishes, refuses_others
from settings.derived.use_case_names import PROMOTION_TOPIC_SUFFIX


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionTopicArgs:
    """Arguments of :class:`PromotionTopic`."""

    topic_name: str
    """Name of the topic."""

    rule_name: str
    """Name of the rule for failed stages, up to 64 characters (an EventBridge limit)."""

    label: str
    """Team and use case, for the descriptions."""

    pipeline_name: str
    """Name of the promotion pipeline."""

    pipeline_role_arn: pulumi.Input[str]
    """ARN of the role of the pipeline, which publishes requests for approval."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Principals of others can neither publish nor subscribe."""

    key_arn: pulumi.Input[str]
    """ARN of the topic's KMS key, which admits EventBridge (:func:`events_reach_promotion_topics`)."""

    mailboxes: Sequence[str]
    """E-mail addresses of the recipients, at least one. AWS asks each to confirm the subscription."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for events that could not be delivered."""

    def __post_init__(self) -> None:
        if not self.mailboxes:
            raise ValueError("mailboxes: is empty, so nobody would be told of promotions")


class PromotionTopic(pulumi.ComponentResource):
    """A topic for the requests for approval of a promotion pipeline, and for its failed stages (PROM-06).

    Creates: the encrypted topic with its policy, one subscription per mailbox, and the rule of failed stages with its
    target.

    Outputs: ``arn``.

    Raises: ValueError when there are no recipients.

    Cost: 2 USD per 100,000 e-mails.

    Example::

        PromotionTopic("promotions", PromotionTopicArgs(
            topic_name="fraud--scoring-promotions", rule_name="fraud--scoring-promotion-failed", label="fraud/scoring",
            pipeline_name="fraud--scoring-promotion", pipeline_role_arn=promoter.arn, organization_id="o-acme",
            key_arn=key.arn, mailboxes=["fraud@acme.example"], dead_letter_queue_arn=queue.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the topic, known once the pipeline and the rule may publish to it."""

    def __init__(self, name: str, args: PromotionTopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:PromotionTopic", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            name,
            name=args.topic_name,
            display_name="Promotions of a model",
            kms_master_key_id=args.key_arn,
            opts=child,
        )
        rule = aws.cloudwatch.EventRule(
            f"{name}-failed",
            name=args.rule_name,
            description=f"A stage of a promotion of {args.label} failed",
            event_pattern=json.dumps(_failures(args.pipeline_name)),
            opts=child,
        )
        policy = aws.sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=policy_document(*_statements(topic.arn, rule.arn, args)),
            opts=child,
        )
        for mailbox in args.mailboxes:
            aws.sns.TopicSubscription(
                f"{name}-tell-{mailbox}", topic=topic.arn, protocol="email", endpoint=mailbox, opts=child
            )
        self.arn = pulumi.Output.all(topic.arn, policy.id).apply(lambda known: str(known[0]))
        aws.cloudwatch.EventTarget(
            f"{name}-failed-target",
            rule=rule.name,
            target_id="people",
            arn=self.arn,
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=child,
        )
        self.register_outputs({"arn": self.arn})


def events_reach_promotion_topics(account_id: pulumi.Input[str], region: str) -> Statement:
    """Builds the key policy statement that lets EventBridge encrypt messages to topics of promotions.

    EventBridge passes neither its account nor its rule to KMS (SNS Developer Guide, "Setting up topic encryption").
    """
    topics = arn_of("sns", region, account_id, f"*{PROMOTION_TOPIC_SUFFIX}")
    return Statement(
        sid="EventsReachPeople",
        principals={"Service": ["events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
    )


def _failures(pipeline: str) -> dict[str, object]:
    """Returns the pattern of failed stages, which are also approvals that were refused or have expired."""
    return {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Stage Execution State Change"],
        "detail": {"pipeline": [pipeline], "state": ["FAILED"]},
    }


def _statements(arn: pulumi.Output[str], rule_arn: pulumi.Output[str], args: PromotionTopicArgs) -> list[Statement]:
    by_the_rule = {"ArnEquals": {"aws:SourceArn": rule_arn}}
    return [
        publishes("PipelineAsks", arn, {"AWS": [args.pipeline_role_arn]}),
        publishes("FailedStages", arn, {"Service": ["events.amazonaws.com"]}, by_the_rule),
        *refuses_others(arn, args.organization_id),
    ]
