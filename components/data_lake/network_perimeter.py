"""From where the lake's objects may be reached at all, whoever asks (S3-09)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Conditions, Statement
from components.storage.bucket_policy import bucket_and_objects


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkWall:
    """The organization's endpoints and the company's own networks, and AWS where it works for somebody of ours."""

    organization_id: pulumi.Input[str]
    """Whose endpoints are let through."""

    corporate_networks: Sequence[str]
    """Public ranges of the company; none where people come through endpoints alone."""

    excepted_roles: Sequence[pulumi.Input[str]]
    """ARN patterns of roles that come from elsewhere: who deploys, and what Lake Formation and Glue read in the name
    of. Sessions that a service holds of a role carry no network of ours."""

    def around(self, arn: pulumi.Output[str]) -> list[Statement]:
        """The statement for a bucket's policy."""
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
