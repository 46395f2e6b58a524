"""The Lake Formation settings of an account, in effect before its first database exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

CROSS_ACCOUNT_VERSION = "4"
"""Version of cross-account sharing. From version 3 on, roles of other accounts can be granted access by LF-tags through
RAM, and no account can pass grants on (Lake Formation Developer Guide, "Updating cross-account data sharing version
settings"). 4 is the newest version that the provider supports."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeFormationSettingsArgs:
    """Arguments of :class:`LakeFormationSettings`."""

    administrators: Sequence[pulumi.Input[str]]
    """ARNs of the roles that create LF-tags and grants, which are the deploying roles."""

    readers: Sequence[pulumi.Input[str]] = ()
    """ARNs of the roles that see all grants and change none. Without this, Lake Formation hides from a role the grants
    that it does not have itself (API Reference, ListPermissions)."""


class LakeFormationSettings(pulumi.ComponentResource):
    """Lake Formation administrators of an account and region, without default permissions for anybody else.

    By default, a new account grants all tables to whatever IAM allows. The settings replace everything, including these
    two defaults. They must precede the first database, because removing the defaults later leaves what they granted
    (pulumi/pulumi-aws#4366).

    Creates: the settings, which stay when their stack is destroyed, because deleting them would reset the sharing
    version.

    Outputs: ``administrators``.

    Cost: none.

    Example::

        LakeFormationSettings("lake-formation", LakeFormationSettingsArgs(administrators=[deployer_arn]))
    """

    administrators: pulumi.Output[Sequence[str]]
    """ARNs of the administrators, known once the settings are in effect."""

    def __init__(self, name: str, args: LakeFormationSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LakeFormationSettings", name, None, opts)
        settings = aws.lakeformation.DataLakeSettings(
            name,
            admins=list(args.administrators),
            read_only_admins=list(args.readers),
            allow_external_data_filtering=False,
            allow_full_table_external_data_access=False,
            parameters={"CROSS_ACCOUNT_VERSION": CROSS_ACCOUNT_VERSION},
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.administrators = settings.admins
        self.register_outputs({"administrators": self.administrators})
