"""The log group of state machines."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement, policy_document


@dataclass(frozen=True, kw_only=True, slots=True)
class StepJournalArgs:
    """Arguments of :class:`StepJournal`."""

    label: str
    """Name of the state machines' owner: ``fraud-production-intake``."""

    account_id: pulumi.Input[str]
    """Id of the state machines' account."""

    region: str
    """Region of the state machines."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the logs. Its key policy must allow CloudWatch Logs."""

    retention_days: int
    """Days that logs are kept; a value that CloudWatch Logs supports."""


class StepJournal(pulumi.ComponentResource):
    """A log group to which Step Functions may deliver logs (SF-01).

    Log delivery requires a resource policy of CloudWatch Logs. Step Functions would create it with the state machine's
    role, which would need permission to write arbitrary resource policies. Therefore the component creates it
    beforehand.

    Creates: the log group; a resource policy of CloudWatch Logs for the account's deliveries to it.

    Outputs: ``destination_arn``.

    Cost: about 0.57 USD per GB of logs.

    Example::

        journal = StepJournal("journal", StepJournalArgs(
            label="fraud-production-intake", account_id="111111111111", region="eu-west-1", key_arn=key.arn,
            retention_days=365,
        ))
    """

    destination_arn: pulumi.Output[str]
    """ARN of the log group, for the logging configuration of state machines; known once deliveries are allowed."""

    def __init__(self, name: str, args: StepJournalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:StepJournal", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            name,
            # With this prefix the resource policy does not grow with each group (Step Functions Developer Guide,
            # "Logging").
            name=f"/aws/vendedlogs/states/{args.label}",
            kms_key_id=args.key_arn,
            retention_in_days=args.retention_days,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.cloudwatch.LogResourcePolicy(
            f"{name}-policy",
            policy_name=args.label,
            policy_document=policy_document(_deliveries(args, group.arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.destination_arn = pulumi.Output.all(group.arn, policy.id).apply(lambda known: f"{known[0]}:*")
        self.register_outputs({"destination_arn": self.destination_arn})


def _deliveries(args: StepJournalArgs, group_arn: pulumi.Output[str]) -> Statement:
    """Builds the statement that AWS documents ("Enable logging from AWS services" of the CloudWatch Logs User
    Guide)."""
    return Statement(
        sid="DeliveriesOfTheAccount",
        principals={"Service": ["delivery.logs.amazonaws.com"]},
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[pulumi.Output.concat(group_arn, ":*")],
        conditions={
            "ArnLike": {"aws:SourceArn": arn_of("logs", args.region, args.account_id, "*")},
            "StringEquals": {"aws:SourceAccount": args.account_id},
        },
    )
