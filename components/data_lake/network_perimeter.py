"""The networks from which the lake's objects may be reached, whoever the caller is (S3-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.storage.bucket_policy import bucket_and_objects


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkPerimeter:
    """Access only through the organization's endpoints, from corporate networks, and by AWS services acting for our
    principals."""

    organization_id: pulumi.Input[str]
    """Id of the organization whose endpoints are allowed."""

    corporate_networks: Sequence[str]
    """Public CIDR blocks of the company. Empty if people connect through endpoints only."""

    excepted_roles: Sequence[pulumi.Input[str]]
    """ARN patterns of roles that may connect from elsewhere: deployers, reviewers, and the roles with which Lake
    Formation and Glue read. Sessions that a service holds do not come from the organization's networks."""

    def statements(self, arn: pulumi.Output[str]) -> list[Statement]:
        """Builds the bucket policy statement that denies access from other networks."""
        return [
            Statement(
                sid="RefuseOtherNetworks",
                effect="Deny",
                principals="*",
                actions=["s3:*"],
                resources=bucket_and_objects(arn),
                conditions=self._conditions(),
            )
        ]

    def _conditions(self) -> Conditions:
        networks = {"NotIpAddressIfExists": {"aws:SourceIp": list(self.corporate_networks)}}
        return {
            "StringNotEqualsIfExists": {"aws:VpceOrgID": self.organization_id},
            **(networks if self.corporate_networks else {}),
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            "ArnNotLikeIfExists": {"aws:PrincipalArn": list(self.excepted_roles)},
        }
