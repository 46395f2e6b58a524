"""An ECR repository for one container image of a use case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.former_components import without_component
from components.identity.iam.actions import PULLING
from components.identity.iam.arns import account_principal
from components.identity.iam.statements import Statement, policy_document
from components.registry.consumers import Consumers
from settings.data.ml_layout import FEATURE

UNTAGGED_DAYS = 14
BRANCH_DAYS = 90
"""Days after which images of feature branches expire. Images of other branches may belong to deployed models, so they
never expire."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRepositoryArgs:
    """Arguments of :class:`ImageRepository`."""

    repository_name: str
    """Name of the repository, ``<team>/<use case>/<image>``."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the layers. ECR holds a grant on it, so consumers need no access to the key."""

    consumers: Consumers | None
    """Accounts that pull the image; None if only its own account does."""

    statements: Sequence[Statement] = ()
    """Further statements of the policy of the repository."""


class ImageRepository:
    """A protected repository with immutable tags, a scan of each pushed image, and pull access for the environments of
    the team (TOOL-03). No other account can push.

    Not a component resource, because a stack has few resources to spare.

    Creates: the repository, its lifecycle policy, and with consumers or statements its policy.

    Outputs: ``arn``, ``url``.

    Cost: 0.10 USD a month per GB of images; a scan on push is free.

    Example::

        ImageRepository("image-training", ImageRepositoryArgs(
            repository_name="fraud/scoring/training", key_arn=key.arn, consumers=consumers,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the repository."""
    url: pulumi.Output[str]
    """Address of the repository for pushes and pulls."""

    def __init__(self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        opts = without_component(name, "plinth:registry:ImageRepository", opts)
        repository = aws.ecr.Repository(
            name,
            name=args.repository_name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
            ],
            force_delete=False,
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=True)),
        )
        admitted = [*([] if args.consumers is None else [_environments_pull(args.consumers)]), *args.statements]
        if admitted:
            aws.ecr.RepositoryPolicy(
                f"{name}-policy",
                repository=repository.name,
                policy=policy_document(*admitted),
                opts=opts,
            )
        aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle",
            repository=repository.name,
            policy=json.dumps(_lifecycle()),
            opts=opts,
        )
        self.arn, self.url = repository.arn, repository.repository_url


def role_pulls(
    role_arn: pulumi.Input[str], account_id: pulumi.Input[str], organization_id: pulumi.Input[str]
) -> Statement:
    """Allows one role of another account of the organization to pull. The role need not exist yet."""
    return Statement(
        sid="RoleOfAnotherAccountPulls",
        principals={"AWS": [account_principal(account_id)]},
        actions=PULLING,
        conditions={
            "ArnEquals": {"aws:PrincipalArn": [role_arn]},
            "StringEquals": {"aws:PrincipalOrgID": organization_id},
        },
    )


def _environments_pull(consumers: Consumers) -> Statement:
    development = account_principal(consumers.development_account_id)
    return Statement(
        sid="EnvironmentsPull",
        principals={"AWS": [development, *consumers.reader_arns]},
        actions=PULLING,
        conditions={"StringEquals": {"aws:PrincipalOrgID": consumers.organization_id}},
    )


def _lifecycle() -> Mapping[str, object]:
    """Returns the lifecycle policy (ECR User Guide, "Lifecycle policy parameters")."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Images of feature branches expire after {BRANCH_DAYS} days",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": [f"{FEATURE}*"],
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": BRANCH_DAYS,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": f"Untagged images expire after {UNTAGGED_DAYS} days",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": UNTAGGED_DAYS,
                },
                "action": {"type": "expire"},
            },
        ]
    }
