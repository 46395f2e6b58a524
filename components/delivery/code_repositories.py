"""The git repositories of a use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRepositoriesArgs:
    """Arguments of :class:`CodeRepositories`."""

    names: Mapping[str, str]
    """Name of each CodeCommit repository, by purpose (``build``, ``deployment``)."""

    label: str
    """Team and use case, for descriptions."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the repositories."""

    tags: Mapping[str, str]
    """Tags in addition to the stack's. People's access follows from the tag of the team."""


class CodeRepositories(pulumi.ComponentResource):
    """The protected CodeCommit repositories of a use case (REPO-01), which keep the only copy of its code.

    Creates: a repository for each purpose. The first push creates the branch.

    Outputs: ``arns``, ``clone_urls``.

    Cost: none for the first five users; then 1 USD a month for each active user.

    Example::

        code = CodeRepositories("code", CodeRepositoriesArgs(
            names={"build": "fraud--scoring-build"}, label="fraud/scoring", key_arn=key.arn, tags={},
        ))
    """

    arns: Mapping[str, pulumi.Output[str]]
    """ARN of each repository, by purpose."""
    clone_urls: Mapping[str, pulumi.Output[str]]
    """HTTPS URL of each repository, by purpose."""

    def __init__(self, name: str, args: CodeRepositoriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:CodeRepositories", name, None, opts)
        repositories = {
            purpose: aws.codecommit.Repository(
                f"{name}-{purpose}",
                repository_name=repository_name,
                description=f"{purpose.capitalize()} of {args.label}",
                kms_key_id=args.key_arn,
                tags=args.tags,
                opts=pulumi.ResourceOptions(parent=self, protect=True),
            )
            for purpose, repository_name in args.names.items()
        }
        self.arns = {purpose: repository.arn for purpose, repository in repositories.items()}
        self.clone_urls = {purpose: repository.clone_url_http for purpose, repository in repositories.items()}
        self.register_outputs({"arns": self.arns, "clone_urls": self.clone_urls})
