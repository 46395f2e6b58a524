"""Lake Formation decides in an account, from its first database on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

CROSS_ACCOUNT_VERSION = "4"
"""From 3 on, roles of other accounts are granted to by LF-tags, by way of RAM, and no account hands a grant on (Lake
Formation Developer Guide, "Updating cross-account data sharing version settings"). The newest that the provider knows.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeFormationSettingsArgs:
    """Arguments of :class:`LakeFormationSettings`."""

    administrators: Sequence[pulumi.Input[str]]
    """ARNs of the roles that make tags and grants: those that deploy."""


class LakeFormationSettings(pulumi.ComponentResource):
    """Who administers Lake Formation in an account and region; nobody gets anything by default.

    A new account grants every table to whatever IAM allows. What is not said here is empty afterwards, those two
    defaults too, so this comes before the first database: taking them away later leaves what they granted
    (pulumi/pulumi-aws#4366).

    Creates: the settings; they stay when their stack goes, because taking them away resets the version of sharing.

    Args: see :class:`LakeFormationSettingsArgs`.

    Outputs: ``administrators``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        LakeFormationSettings("lake-formation", LakeFormationSettingsArgs(administrators=[deployer_arn]))
    """

    administrators: pulumi.Output[Sequence[str]]
    """Known once they administer."""

    def __init__(self, name: str, args: LakeFormationSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LakeFormationSettings", name, None, opts)
        settings = aws.lakeformation.DataLakeSettings(
            name,
            admins=list(args.administrators),
            allow_external_data_filtering=False,
            allow_full_table_external_data_access=False,
            parameters={"CROSS_ACCOUNT_VERSION": CROSS_ACCOUNT_VERSION},
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.administrators = settings.admins
        self.register_outputs({"administrators": self.administrators})
