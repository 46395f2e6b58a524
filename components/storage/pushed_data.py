"""What the lake lays into the bucket of an environment by itself, where that is asked for (INT-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.security.encryption_key import THIS_KEY
from settings.data.ml_layout import PUSHED

PUT = ("s3:AbortMultipartUpload", "s3:PutObject")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushers:
    """The lake's jobs that write into an environment: none, unless datasets say so."""

    account_id: pulumi.Input[str]
    """Account of the lake."""
    organization_id: pulumi.Input[str]
    region: str
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Folders of the bucket, with the slash at their end, by the name of the role that writes them."""

    @property
    def folders(self) -> tuple[str, ...]:
        """What the layout has beside the folders of use cases."""
        return (PUSHED,) if self.roles else ()

    def arns(self) -> list[pulumi.Input[str]]:
        return [self._arn(name) for name in self.roles]

    def admitted_to(self, arn: pulumi.Output[str]) -> list[Statement]:
        """For the policy of the bucket with that ARN: each job writes its own folders, and nobody else does."""
        if not self.roles:
            return []
        admitted = [
            Statement(
                sid=f"TakeWhatIsPushed{number}",
                principals=self._account,
                actions=PUT,
                resources=[pulumi.Output.concat(arn, f"/{folder}*") for folder in folders],
                conditions={
                    "ArnEquals": {"aws:PrincipalArn": self._arn(name)},
                    "StringEquals": {"aws:PrincipalOrgID": self.organization_id},
                },
            )
            for number, (name, folders) in enumerate(self.roles.items(), start=1)
        ]
        others = Statement(
            sid="RefuseOtherPushers",
            effect="Deny",
            principals="*",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(arn, f"/{PUSHED}/*")],
            conditions={"ArnNotEquals": {"aws:PrincipalArn": self.arns()}},
        )
        return [*admitted, others]

    def let_use_the_key(self, bucket_name: pulumi.Input[str]) -> list[Statement]:
        """For the policy of the environment's key: through S3, for that bucket. Decrypt is for what comes in parts."""
        if not self.roles:
            return []
        return [
            Statement(
                sid="PushersEncryptThroughS3",
                principals=self._account,
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=THIS_KEY,
                conditions={
                    "ArnEquals": {"aws:PrincipalArn": self.arns()},
                    "StringEquals": {
                        "aws:PrincipalOrgID": self.organization_id,
                        "kms:EncryptionContext:aws:s3:arn": pulumi.Output.concat("arn:aws:s3:::", bucket_name),
                        "kms:ViaService": f"s3.{self.region}.amazonaws.com",
                    },
                },
            )
        ]

    @property
    def _account(self) -> dict[str, Sequence[pulumi.Input[str]]]:
        return {"AWS": [pulumi.Output.concat("arn:aws:iam::", self.account_id, ":root")]}

    def _arn(self, name: str) -> pulumi.Output[str]:
        return pulumi.Output.concat("arn:aws:iam::", self.account_id, f":role{ROLE_PATH}{name}")
