"""The rules that start a promotion: an approved version, or a push to the deployment repository."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.promotion_pipeline import pipeline_variables
from components.integration.dead_letter_queue import kept_if_undelivered
from settings.data.promotion_layout import MODEL_PACKAGE, NEWEST


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRulesArgs:
    """Arguments of :class:`PromotionRules`."""

    approval_rule_name: str
    """Name of the rule for approved versions, up to 64 characters (an EventBridge limit)."""

    push_rule_name: str
    """Name of the rule for pushes."""

    label: str
    """Team and use case, for the descriptions."""

    model_group: str
    """Name of the model package group of ``main``. Versions of other groups are not promoted."""

    repository_arn: pulumi.Input[str]
    """ARN of the deployment repository."""

    pipeline_arn: pulumi.Input[str]
    """ARN of the promotion pipeline."""

    role_arn: pulumi.Input[str]
    """ARN of the role with which EventBridge starts the pipeline."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for events that could not be delivered."""


class PromotionRules(pulumi.ComponentResource):
    """Two rules that start the promotion pipeline (PROM-01). EventBridge may deliver an event more than once; the
    pipeline stops executions that repeat another one.

    Creates: two rules with a target each.

    Outputs: none.

    Cost: none; events of AWS services are free.

    Example::

        PromotionRules("promotion", PromotionRulesArgs(
            approval_rule_name="fraud--scoring-approved", push_rule_name="fraud--scoring-deployment-push",
            label="fraud/scoring", model_group="fraud--scoring-main", repository_arn=code.arns["deployment"],
            pipeline_arn=pipeline.arn, role_arn=starter.arn, dead_letter_queue_arn=queue.arn,
        ))
    """

    def __init__(self, name: str, args: PromotionRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:PromotionRules", name, None, opts)
        approved = aws.cloudwatch.EventRule(
            f"{name}-approved",
            name=args.approval_rule_name,
            description=f"A version of {args.label} was approved in the registry",
            event_pattern=json.dumps(_approvals(args.model_group)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        pushed = aws.cloudwatch.EventRule(
            f"{name}-pushed",
            name=args.push_rule_name,
            description=f"Somebody pushed to main of the deployment repository of {args.label}",
            event_pattern=pulumi.Output.from_input(args.repository_arn).apply(lambda arn: json.dumps(_pushes(arn))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        version = aws.cloudwatch.EventTargetInputTransformerArgs(
            input_paths={"version": "$.detail.ModelPackageArn"},
            input_template=json.dumps({"variables": pipeline_variables({MODEL_PACKAGE: "<version>"})}),
        )
        newest = json.dumps({"variables": pipeline_variables({MODEL_PACKAGE: NEWEST})})
        for suffix, rule, text, transformer in (
            ("approved", approved, None, version),
            ("pushed", pushed, newest, None),
        ):
            aws.cloudwatch.EventTarget(
                f"{name}-{suffix}-target",
                rule=rule.name,
                target_id="promotion",
                arn=args.pipeline_arn,
                role_arn=args.role_arn,
                input=text,
                input_transformer=transformer,
                **kept_if_undelivered(args.dead_letter_queue_arn),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"approved": approved.arn, "pushed": pushed.arn})


def _approvals(group: str) -> dict[str, object]:
    """Returns the pattern of approvals (SageMaker Developer Guide, "SageMaker AI model package state change").

    Other changes of an approved version, such as its metadata, do not match.
    """
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {
            "ModelPackageGroupName": [group],
            "ModelApprovalStatus": ["Approved"],
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        },
    }


def _pushes(repository_arn: str) -> dict[str, object]:
    return {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": [repository_arn],
        "detail": {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": ["main"],
        },
    }
