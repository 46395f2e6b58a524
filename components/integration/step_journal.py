"""Where state machines write what they did."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document


@dataclass(frozen=True, kw_only=True, slots=True)
class StepJournalArgs:
    """Arguments of :class:`StepJournal`."""

    label: str
    """Whose steps they are: ``fraud-production-intake``."""

    account_id: pulumi.Input[str]
    """Account of the state machines."""

    region: str
    """Region of the state machines."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts the records; its policy must let CloudWatch Logs use it."""

    retention_days: int
    """Days that records stay, of those that CloudWatch Logs takes."""


class StepJournal(pulumi.ComponentResource):
    """A log group that Step Functions may deliver to (SF-01).

    Who delivers logs asks for a policy of CloudWatch Logs that lets it. Step Functions would write one in the name of
    the state machine's role, which would take a right to write any; so it is here beforehand.

    Creates: the log group; a policy of CloudWatch Logs for the account's deliveries to this group.

    Args: see :class:`StepJournalArgs`.

    Outputs: ``destination_arn``.

    Raises: nothing of its own.

    Cost: about 0.57 USD per GB of records.

    Example::

        journal = StepJournal("journal", StepJournalArgs(
            label="fraud-production-intake", account_id="111111111111", region="eu-west-1", key_arn=key.arn,
            retention_days=365,
        ))
    """

    destination_arn: pulumi.Output[str]
    """For the logging of state machines, known once deliveries are let in."""

    def __init__(self, name: str, args: StepJournalArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:StepJournal", name, None, opts)
        group = aws.cloudwatch.LogGroup(
            name,
            # A prefix that spares the policy from growing with every group (Step Functions Developer Guide, "Logging").
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
    """As AWS writes it itself ("Enable logging from AWS services" of the CloudWatch Logs User Guide)."""
    return Statement(
        sid="DeliveriesOfTheAccount",
        principals={"Service": ["delivery.logs.amazonaws.com"]},
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        resources=[pulumi.Output.concat(group_arn, ":*")],
        conditions={
            "ArnLike": {"aws:SourceArn": pulumi.Output.concat(f"arn:aws:logs:{args.region}:", args.account_id, ":*")},
            "StringEquals": {"aws:SourceAccount": args.account_id},
        },
    )
