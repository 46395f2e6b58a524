"""The role by which the account that governs deploys into another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi

from components.identity.bounded_role import ROLE_PATH, BoundedRole, BoundedRoleArgs
from components.identity.principals import SIGN_IN_PATH, deployment_trust
from components.identity.role_ceiling import RoleCeiling, RoleCeilingArgs
from components.identity.statements import Conditions, Statement
from components.identity.ways_in import DEPLOYER

RUNNER_ROLE = f"{ROLE_PATH}platform-runner"
"""Role that stack operations run with in the account that governs."""

MAKES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "access-analyzer": ("CreateAnalyzer", "DeleteAnalyzer", "TagResource", "UntagResource"),
        "athena": ("CreateWorkGroup", "DeleteWorkGroup", "TagResource", "UntagResource", "UpdateWorkGroup"),
        "cloudwatch": ("DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource"),
        "config": (
            "DeleteConfigurationRecorder", "PutConfigurationRecorder", "StartConfigurationRecorder", "TagResource",
        ),
        "ec2": (
            "AllocateAddress", "Associate*", "Attach*", "Authorize*", "Create*", "Delete*", "Detach*", "Disassociate*",
            "Modify*", "ReleaseAddress", "Replace*", "Revoke*",
        ),
        "events": ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
        "glue": (
            "CreateDatabase", "CreateTable", "DeleteDatabase", "DeleteTable", "TagResource", "UntagResource",
            "UpdateDatabase", "UpdateTable",
        ),
        "kms": (
            "CreateAlias", "DeleteAlias", "EnableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion", "TagResource",
            "UntagResource", "UpdateAlias", "UpdateKeyDescription",
        ),
        "logs": (
            "AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "TagResource", "UntagResource",
        ),
        "s3": (
            "CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "PutBucket*", "PutEncryptionConfiguration",
            "PutLifecycleConfiguration", "TagResource", "UntagResource",
        ),
        "sagemaker": (
            "AddTags", "CreateDomain", "CreateUserProfile", "DeleteDomain", "DeleteTags", "DeleteUserProfile",
            "UpdateDomain", "UpdateUserProfile",
        ),
        "sns": ("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource", "UntagResource"),
        "sqs": ("CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"),
        "ssm": ("UpdateServiceSetting",),
    }
)  # fmt: skip
"""What stacks are made of, by service."""

READS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "access-analyzer": ("Get*", "List*"),
        "athena": ("GetWorkGroup", "List*"),
        "cloudwatch": ("Describe*", "ListTagsForResource"),
        "config": ("Describe*",),
        "ec2": ("Describe*", "Get*"),
        "events": ("Describe*", "List*"),
        "glue": ("GetDataCatalogEncryptionSettings", "GetDatabase", "GetResourcePolicy", "GetTable", "GetTags"),
        "kms": ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "List*"),
        "lakeformation": ("Describe*", "GetDataLakeSettings", "GetLFTag", "GetResourceLFTags", "List*"),
        "logs": ("DescribeLogGroups", "ListTagsForResource"),
        "s3": (
            "GetAccelerateConfiguration", "GetAccountPublicAccessBlock", "GetBucket*", "GetEncryptionConfiguration",
            "GetLifecycleConfiguration", "GetReplicationConfiguration", "ListAllMyBuckets", "ListBucket",
            "ListTagsForResource",
        ),
        "sagemaker": ("Describe*", "List*"),
        "sns": ("Get*", "List*"),
        "sqs": ("GetQueueAttributes", "GetQueueUrl", "ListQueueTags"),
        "ssm": ("GetServiceSetting",),
    }
)  # fmt: skip
"""What must be seen to make it. No object, record, secret or line of a log is among it."""

SWITCHES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "config": ("DeleteDeliveryChannel", "PutDeliveryChannel"),
        "ec2": (
            "EnableEbsEncryptionByDefault", "EnableImageBlockPublicAccess", "EnableSnapshotBlockPublicAccess",
            "ModifyInstanceMetadataDefaults", "ModifyVpcBlockPublicAccessOptions",
        ),
        "kms": ("CreateKey",),
        "s3": ("PutAccountPublicAccessBlock",),
    }
)  # fmt: skip
"""What concerns an account as a whole, and accepts no narrower resource (Service Authorization Reference)."""

PUBLISHES = (
    "lakeformation:AddLFTagsToResource", "lakeformation:CreateDataCellsFilter", "lakeformation:CreateLFTag",
    "lakeformation:DeleteDataCellsFilter", "lakeformation:DeleteLFTag", "lakeformation:GrantPermissions",
    "lakeformation:RemoveLFTagsFromResource", "lakeformation:RevokePermissions",
    "lakeformation:UpdateDataCellsFilter", "lakeformation:UpdateLFTag",
)  # fmt: skip
"""What publishing and sharing a dataset takes, in the lake's account and in no other (IA-13)."""

ROLES_WITHIN_BOUNDS = ("iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy")
"""Actions that IAM tells the role's boundary of, as ``iam:PermissionsBoundary``."""
CARE_OF_ROLES = (
    "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)  # fmt: skip
CARE_OF_POLICIES = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
PASSWORDS = ("iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy")

CLIMBING = (
    "iam:*AccessKey*", "iam:*LoginProfile*", "iam:*Provider*", "iam:*User*", "iam:Attach*", "iam:CreatePolicy*",
    "iam:DeletePolicy*", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
    "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "organizations:*", "sso:*", "sts:AssumeRole",
)  # fmt: skip
"""Ways to more than one has: denied by name in the ceiling, whatever the role may come to say (IA-06)."""
TOUCHING_ROLES = ("iam:Delete*", "iam:PassRole", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*")

PASSED_TO = ("config", "events", "glue", "lakeformation", "sagemaker", "vpc-flow-logs")
"""Services that stacks give a role to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformDeployerArgs:
    """Arguments of :class:`PlatformDeployer`."""

    account_id: pulumi.Input[str]
    """Account that is deployed into, the only one whose resources are in reach."""

    organization_id: pulumi.Input[str]
    """Organization of the runner."""

    governance_account_id: pulumi.Input[str]
    """Account that the runner works in."""

    regions: Sequence[str]
    """Regions that may be built in."""

    passed_roles: Sequence[str]
    """Patterns of the names of roles that it may give to services: those of the account's own stacks."""

    publishes_data: bool = False
    """Whether the account is the lake's, where data is tagged and granted."""


class PlatformDeployer(pulumi.ComponentResource):
    """Makes what stacks consist of, in one account and the organization's regions, for a named person, and no way up.

    It makes only roles under the foundation's path with a boundary that is there already, changes neither boundaries
    nor trust, and is out of its own reach. An account's first deployment, and every change of a boundary or of a trust
    policy, is therefore the management account's, by the role of Organizations.

    Creates: the role; its boundary.

    Args: see :class:`PlatformDeployerArgs`.

    Outputs: ``arn``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        PlatformDeployer("deployer", PlatformDeployerArgs(
            account_id=account_id, organization_id="o-acme", governance_account_id="111111111111",
            regions=["eu-west-1"], passed_roles=["fraud-development-*"],
        ))
    """

    arn: pulumi.Output[str]
    """For the runner, which assumes it."""

    def __init__(self, name: str, args: PlatformDeployerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PlatformDeployer", name, None, opts)
        ceiling = RoleCeiling(
            f"{name}-boundary",
            RoleCeilingArgs(
                policy_name=f"{DEPLOYER}-boundary",
                description="Ceiling of whoever deploys into this account",
                statements=_ceiling(args),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=DEPLOYER,
                description="Stack operations of the account that governs",
                trust=deployment_trust(
                    account_id=args.governance_account_id,
                    organization_id=args.organization_id,
                    runner_role=RUNNER_ROLE,
                ),
                permissions=[*_building(args), *_making_roles(args)],
                boundary_arn=ceiling.arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def session_policy(account_id: str) -> list[Statement]:
    """What a runner asks for when it assumes the role: this one account, wherever it was led (T-03)."""
    return [
        Statement(
            sid="ThisAccountAlone",
            actions=[*(f"{service}:*" for service in READS), "iam:*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:PrincipalAccount": account_id}},
        )
    ]


def _building(args: PlatformDeployerArgs) -> list[Statement]:
    in_regions: Conditions = {"StringEquals": {"aws:RequestedRegion": list(args.regions)}}
    things = [pulumi.Output.concat(f"arn:aws:{s}:*:", args.account_id, ":*") for s in MAKES if s != "s3"]
    here: Conditions = {
        "StringEquals": {"aws:RequestedRegion": list(args.regions), "aws:ResourceAccount": args.account_id}
    }
    return [
        Statement(sid="See", actions=_actions(READS), resources=["*"], conditions=in_regions),
        Statement(sid="Make", actions=_actions(MAKES), resources=[*things, "arn:aws:s3:::*"], conditions=here),
        Statement(sid="SwitchAccountWide", actions=_actions(SWITCHES), resources=["*"], conditions=in_regions),
        *(
            [Statement(sid="PublishData", actions=PUBLISHES, resources=["*"], conditions=in_regions)]
            if args.publishes_data
            else []
        ),
        Statement(sid="AskForLongPasswords", actions=PASSWORDS, resources=["*"]),
    ]


def _making_roles(args: PlatformDeployerArgs) -> list[Statement]:
    roles = _iam(args, f"role{ROLE_PATH}*")
    return [
        Statement(
            sid="MakeBoundedRoles",
            actions=ROLES_WITHIN_BOUNDS,
            resources=[roles],
            # It makes no policy, so these are the foundation's; none gives more than its own ceiling.
            conditions={"ArnLike": {"iam:PermissionsBoundary": [_iam(args, f"policy{ROLE_PATH}*-boundary")]}},
        ),
        Statement(sid="CareForRoles", actions=CARE_OF_ROLES, resources=[roles]),
        Statement(sid="SeePolicies", actions=CARE_OF_POLICIES, resources=[_iam(args, f"policy{ROLE_PATH}*")]),
        Statement(
            sid="PassRoles",
            actions=["iam:PassRole"],
            resources=[_iam(args, f"role{ROLE_PATH}{pattern}") for pattern in args.passed_roles],
            conditions=_to_services(),
        ),
    ]


def _ceiling(args: PlatformDeployerArgs) -> list[Statement]:
    published = PUBLISHES if args.publishes_data else ()
    everything = sorted({*_actions(READS), *_actions(MAKES), *_actions(SWITCHES), *published})
    roles = (*ROLES_WITHIN_BOUNDS, *CARE_OF_ROLES, *CARE_OF_POLICIES, *PASSWORDS)
    out_of_reach = (f"role{ROLE_PATH}platform-*", f"role{SIGN_IN_PATH}*", f"role{ROLE_PATH}people-*")
    return [
        Statement(
            sid="BuildHere",
            actions=[*everything, *roles],
            resources=["*"],
            conditions={"StringEquals": {"aws:ResourceAccount": args.account_id}},
        ),
        Statement(
            sid="PassRolesOfTheFoundation",
            actions=["iam:PassRole"],
            resources=[_iam(args, f"role{ROLE_PATH}*")],
            conditions=_to_services(),
        ),
        Statement(
            sid="NeverItselfNorPeople",
            effect="Deny",
            actions=TOUCHING_ROLES,
            resources=[_iam(args, pattern) for pattern in out_of_reach],
        ),
        Statement(sid="NeverClimb", effect="Deny", actions=CLIMBING, resources=["*"]),
    ]


def _to_services() -> Conditions:
    return {"StringEquals": {"iam:PassedToService": [f"{service}.amazonaws.com" for service in PASSED_TO]}}


def _actions(by_service: Mapping[str, Sequence[str]]) -> list[str]:
    return [f"{service}:{action}" for service, actions in by_service.items() for action in actions]


def _iam(args: PlatformDeployerArgs, resource: str) -> pulumi.Output[str]:
    return pulumi.Output.concat("arn:aws:iam::", args.account_id, f":{resource}")
