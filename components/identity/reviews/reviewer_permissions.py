"""Permissions of the role with which a review reads an account, derived from the resource types of its stacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import pulumi

from components.identity.deployer.authorization import is_global
from components.identity.deployer.deployer_permissions import DATA_ACCESS
from components.identity.deployer.kinds import calls_in
from components.identity.deployer.resources.management import LOOKUPS, MANAGEMENT
from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Conditions, Statement
from components.identity.reviews.undeclared_reads import UNDECLARED_READS, UNDECLARED_READS_IN_MANAGEMENT
from settings.types.kinds import Kind

ADDED_BY_OTHERS = frozenset({"ec2:DescribeSecurityGroupRules", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"})
"""Actions that find what somebody added to roles and security groups (decision 39)."""

QUOTAS = frozenset(
    {
        "cloudtrail:ListTrails",
        "dynamodb:ListTables",
        "iam:ListPolicies",
        "iam:ListRoles",
        "network-firewall:ListFirewallPolicies",
        "network-firewall:ListFirewalls",
        "sagemaker:ListDomains",
        "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListServiceQuotas",
    }
)
"""Actions with which reviews compare the needs of stacks with the quotas of their accounts, and count what others hold,
beside the lists that previews read anyway."""

_DESCRIBING = re.compile(r"(:Describe|:List)[A-Z][\w*]*$")
_READ_API = "apigateway:GET"
_APIS = "/restapis"
_API_RESOURCES = ("/account", _APIS, f"{_APIS}/*", "/tags/*")
"""Resources of API Gateway that stacks have. Not among them are API keys, whose values the same action returns."""
_PARAMETERS = frozenset({"ssm:GetParameter", "ssm:ListTagsForResource"})
_RECORDED = "parameter/plinth/relaxed-rules/*"
"""The parameters of stacks. Others may hold secrets."""


def reviewer_statements(
    hosts: Sequence[Kind], account_id: pulumi.Input[str], regions: Sequence[str], *, cluster: bool = False
) -> list[Statement]:
    """Returns what a preview with a refresh reads of the resources in an account.

    Actions that return data of the lake, of buckets or logs, or that decrypt, are left out. So the engine cannot
    refresh an object in S3 with this role.

    Args:
        hosts: Account kinds placed in the account.
        regions: Regions in which the account may have resources.
        cluster: Whether the tooling account has a Kubernetes cluster.
    """
    actions = _actions_in(hosts, cluster)
    parameters = actions & _PARAMETERS if "organization" in hosts else frozenset()
    seen = actions - parameters - {_READ_API}
    in_regions: Conditions = {"StringEquals": {"aws:RequestedRegion": list(regions)}}
    statements = [
        _statement("SeeResources", (action for action in seen if not is_global(action)), ["*"], in_regions),
        _statement("SeeGlobalResources", (action for action in seen if is_global(action)), ["*"]),
        _statement(
            "SeeApis",
            actions & {_READ_API},
            [f"arn:aws:apigateway:{region}::{path}" for region in regions for path in _API_RESOURCES],
        ),
        # For the policies of APIs that no stack declares, where no stack has any.
        _statement("SeeApiPolicies", {_READ_API} - actions, [f"arn:aws:apigateway:*::{_APIS}"]),
        _statement(
            "SeeRelaxedRules",
            parameters,
            [arn_of("ssm", region, account_id, _RECORDED) for region in regions],
        ),
        # The quotas of AWS Organizations are in a region of their own.
        _statement("SeeQuotas", QUOTAS, ["*"]),
    ]
    return [statement for statement in statements if statement is not None]


def reviewer_ceiling(statements: Iterable[Statement]) -> list[Statement]:
    """Returns the statements with shorter lists of actions, for a boundary, which is limited to 6,144 characters.

    Only descriptions and lists are matched by verb. Some actions that begin with ``Get`` return data.
    """
    return [
        replace(statement, actions=sorted({_DESCRIBING.sub(r"\1*", action) for action in statement.actions}))
        for statement in statements
    ]


def _actions_in(hosts: Sequence[Kind], cluster: bool) -> frozenset[str]:
    resources = [calls for _, calls in calls_in(hosts, cluster=cluster)]
    others = ADDED_BY_OTHERS | UNDECLARED_READS
    if "organization" in hosts:
        resources += MANAGEMENT.values()
        others |= UNDECLARED_READS_IN_MANAGEMENT | set(LOOKUPS)
    reading = {action for calls in resources for action in calls.reading} | others
    allowed = {action for action in reading if not any(fnmatchcase(action, pattern) for pattern in DATA_ACCESS)}
    wildcards = {action for action in allowed if "*" in action}
    return frozenset(
        action for action in allowed if not any(fnmatchcase(action, other) for other in wildcards - {action})
    )


def _statement(
    sid: str,
    actions: Iterable[str],
    resources: Sequence[pulumi.Input[str]],
    conditions: Conditions | None = None,
) -> Statement | None:
    listed = sorted(actions)
    return Statement(sid=sid, actions=listed, resources=resources, conditions=conditions or {}) if listed else None
