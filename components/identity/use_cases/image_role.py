"""The role of a use case's image builds, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.actions import PULLING, PUSHING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import use_key, within_organization
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.workload_permissions import join_network


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRole(UseCaseRole):
    """The role of a project with privileged containers. It reads the build repository, pulls base images, and
    pushes to the image repositories of the use case. It stores no artifacts, enters no other account and starts
    nothing."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:ImageRole"

    organization_id: pulumi.Input[str]
    """Id of the organization of the account."""

    pulled: Sequence[str]
    """ARNs of further ECR repositories with the base image and the image of builds."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of logs and output."""

    packages: Packages | None = None
    """Repository from which builds install packages; None if the organization has none."""

    def role_name(self) -> str:
        return self.use_case.role_name("images")

    def description(self) -> str:
        return f"Builds of images of {self.use_case.prefix}"

    def trust(self) -> Statement:
        return self.use_case.trust_builds(self.account_id, self.use_case.names.image_project)

    def permissions(self) -> Sequence[Statement]:
        case, names = self.use_case, self.use_case.names
        return [
            Statement(
                sid="ReadCode",
                actions=["codecommit:GitPull"],
                resources=[case.arn("codecommit", self.account_id, names.repository("build"))],
            ),
            Statement(
                sid="PullBaseImages",
                actions=PULLING,
                resources=[f"arn:aws:ecr:{case.region}:*:repository/*"],
                # Registries of AWS belong to no organization. The boundary and the endpoint of ECR admit no other ones,
                # and images of other use cases are in the account of the role.
                conditions={"StringNotEquals": {"aws:ResourceAccount": self.account_id}},
            ),
            *self._pull(),
            Statement(
                sid="PushImages",
                actions=PUSHING,
                resources=[case.arn("ecr", self.account_id, f"repository/{case.folder}/*")],
            ),
            use_key(self.key_arn, "UseTheKeyOfOutput", write=True, service="codebuild"),
            *join_network(case.region, self.account_id),
            *(install_packages(self.packages) if self.packages is not None else []),
            self._write_build_logs(names.image_project),
        ]

    def _pull(self) -> list[Statement]:
        """Allows pulling the base image and the image of builds, if they are in a registry of the organization."""
        if not self.pulled:
            return []
        statement = Statement(sid="PullImagesOfTheOrganization", actions=PULLING, resources=self.pulled)
        return [within_organization(statement, self.organization_id)]
