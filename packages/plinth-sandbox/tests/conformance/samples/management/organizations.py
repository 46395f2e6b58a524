"""Samples of AWS Organizations."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

ORGANIZATION = (
    "aws:organizations/organization:Organization",
    {
        "enabledPolicyTypes": ["SERVICE_CONTROL_POLICY"],
        "awsServiceAccessPrincipals": ["account.amazonaws.com"],
    },
)
ROOT = "{organization.outputs.roots.0.id}"


def _guardrail(sid: str) -> str:
    denied = {"Sid": sid, "Effect": "Deny", "Action": ["organizations:LeaveOrganization"], "Resource": ["*"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [denied]})


def _tags(aws: Aws, it: Kept) -> dict[str, str]:
    listed = aws("organizations").list_tags_for_resource(ResourceId=it.id)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def _organization(aws: Aws, it: Kept) -> dict[str, Any]:
    organizations = aws("organizations")
    (root,) = organizations.list_roots()["Roots"]
    services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    return {
        "same": organizations.describe_organization()["Organization"]["Id"] == it.id,
        "types": sorted(kind["Type"] for kind in root["PolicyTypes"]),
        "services": sorted(service["ServicePrincipal"] for service in services),
        "root": it.outputs["roots"][0]["id"] == root["Id"],
        "management": it.outputs["masterAccountId"],
    }


def _unit(aws: Aws, it: Kept) -> dict[str, Any]:
    organizations = aws("organizations")
    described = organizations.describe_organizational_unit(OrganizationalUnitId=it.id)["OrganizationalUnit"]
    (parent,) = organizations.list_parents(ChildId=it.id)["Parents"]
    return {"name": described["Name"], "parent": parent["Type"], "tags": _tags(aws, it)}


def _account(aws: Aws, it: Kept) -> dict[str, Any]:
    organizations = aws("organizations")
    described = organizations.describe_account(AccountId=it.id)["Account"]
    (parent,) = organizations.list_parents(ChildId=it.id)["Parents"]
    return {
        "name": described["Name"],
        "name_of_itself": aws("account").get_account_information(AccountId=it.id)["AccountName"],
        "mailbox": described["Email"],
        "parent": parent["Type"],
        "tags": _tags(aws, it),
    }


def _policy(aws: Aws, it: Kept) -> dict[str, Any]:
    policy = aws("organizations").describe_policy(PolicyId=it.id)["Policy"]
    return {
        "name": policy["PolicySummary"]["Name"],
        "description": policy["PolicySummary"]["Description"],
        "type": policy["PolicySummary"]["Type"],
        "sid": json.loads(policy["Content"])["Statement"][0]["Sid"],
        "tags": _tags(aws, it),
    }


def _targets(aws: Aws, it: Kept) -> list[str]:
    target, _, policy = it.id.partition(":")
    listed = aws("organizations").list_targets_for_policy(PolicyId=policy)["Targets"]
    return [found["Type"] for found in listed if found["TargetId"] == target]


def _delegated(aws: Aws, it: Kept) -> bool:
    account, _, service = it.id.partition("/")
    organizations = aws("organizations")
    return account in [
        found["Id"]
        for found in organizations.list_delegated_administrators(ServicePrincipal=service)["DelegatedAdministrators"]
    ]


def _move(aws: Aws, it: Kept) -> None:
    organizations = aws("organizations")
    (source,) = organizations.list_parents(ChildId=it.id)["Parents"]
    (root,) = organizations.list_roots()["Roots"]
    organizations.move_account(AccountId=it.id, SourceParentId=source["Id"], DestinationParentId=root["Id"])


UNIT = ("aws:organizations/organizationalUnit:OrganizationalUnit", {"name": "Before{n}", "parentId": ROOT})

SAMPLES = [
    Sample(
        type="aws:organizations/organization:Organization",
        inputs={
            "featureSet": "ALL",
            "enabledPolicyTypes": ["SERVICE_CONTROL_POLICY", "TAG_POLICY"],
            "awsServiceAccessPrincipals": ["cloudtrail.amazonaws.com"],
        },
        look=_organization,
        seen={
            "same": True,
            "types": ["SERVICE_CONTROL_POLICY", "TAG_POLICY"],
            "services": ["cloudtrail.amazonaws.com"],
            "root": True,
            "management": "123456789012",
        },
        change={
            "enabledPolicyTypes": ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"],
            "awsServiceAccessPrincipals": ["config.amazonaws.com"],
        },
        seen_changed={
            "same": True,
            "types": ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"],
            "services": ["config.amazonaws.com"],
            "root": True,
            "management": "123456789012",
        },
        replace={"featureSet": "CONSOLIDATED_BILLING"},
        drift=lambda aws, it: aws("organizations").disable_aws_service_access(
            ServicePrincipal="cloudtrail.amazonaws.com"
        ),
        drifts="awsServiceAccessPrincipals",
        remove=lambda aws, it: aws("organizations").delete_organization(),
    ),
    Sample(
        type="aws:organizations/organizationalUnit:OrganizationalUnit",
        needs={"organization": ORGANIZATION},
        inputs={"name": "Before", "parentId": ROOT, "tags": {"own": "1"}},
        look=_unit,
        seen={"name": "Before", "parent": "ROOT", "tags": {"from": "provider", "own": "1"}},
        change={"name": "After", "tags": {"own": "2"}},
        seen_changed={"name": "After", "parent": "ROOT", "tags": {"from": "provider", "own": "2"}},
        replace={"parentId": "ou-abcd-12345678"},
        drift=lambda aws, it: aws("organizations").update_organizational_unit(
            OrganizationalUnitId=it.id, Name="Drifted"
        ),
        drifts="name",
        remove=lambda aws, it: aws("organizations").delete_organizational_unit(OrganizationalUnitId=it.id),
    ),
    Sample(
        type="aws:organizations/account:Account",
        needs={"organization": ORGANIZATION, "unit": UNIT},
        inputs={
            "name": "acme-audit",
            "email": "aws+audit{n}@acme.example",
            "roleName": "OrganizationAccountAccessRole",
            "iamUserAccessToBilling": "DENY",
            "parentId": "{unit.id}",
            "tags": {"own": "1"},
        },
        look=_account,
        seen={
            "name": "acme-audit",
            "name_of_itself": "acme-audit",
            "mailbox": "aws+audit{n}@acme.example",
            "parent": "ORGANIZATIONAL_UNIT",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"name": "acme-review", "parentId": ROOT, "tags": {"own": "2"}},
        seen_changed={
            "name": "acme-review",
            "name_of_itself": "acme-review",
            "mailbox": "aws+audit{n}@acme.example",
            "parent": "ROOT",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"email": "aws+another@acme.example"},
        drift=_move,
        drifts="parentId",
        # The account is not closed: an organization with a suspended account cannot be deleted for 90 days.
        remove=lambda aws, it: aws("organizations").remove_account_from_organization(AccountId=it.id),
        not_imported=("roleName", "iamUserAccessToBilling"),
    ),
    Sample(
        type="aws:organizations/policy:Policy",
        needs={"organization": ORGANIZATION},
        inputs={
            "name": "before",
            "description": "before",
            "type": "SERVICE_CONTROL_POLICY",
            "content": _guardrail("Before"),
            "tags": {"own": "1"},
        },
        look=_policy,
        seen={
            "name": "before",
            "description": "before",
            "type": "SERVICE_CONTROL_POLICY",
            "sid": "Before",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"name": "after", "description": "after", "content": _guardrail("After"), "tags": {"own": "2"}},
        seen_changed={
            "name": "after",
            "description": "after",
            "type": "SERVICE_CONTROL_POLICY",
            "sid": "After",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"type": "TAG_POLICY"},
        drift=lambda aws, it: aws("organizations").update_policy(PolicyId=it.id, Content=_guardrail("Drifted")),
        drifts="content",
        remove=lambda aws, it: aws("organizations").delete_policy(PolicyId=it.id),
    ),
    Sample(
        type="aws:organizations/policyAttachment:PolicyAttachment",
        needs={
            "organization": ORGANIZATION,
            "policy": ("aws:organizations/policy:Policy", {"name": "attached", "content": _guardrail("Attached")}),
        },
        inputs={"policyId": "{policy.id}", "targetId": ROOT},
        look=_targets,
        seen=["ROOT"],
        replace={"targetId": "ou-abcd-12345678"},
        remove=lambda aws, it: aws("organizations").detach_policy(
            TargetId=it.id.partition(":")[0], PolicyId=it.id.partition(":")[2]
        ),
    ),
    Sample(
        type="aws:organizations/delegatedAdministrator:DelegatedAdministrator",
        needs={
            "organization": ORGANIZATION,
            "audit": ("aws:organizations/account:Account", {"name": "audit", "email": "aws+delegate{n}@acme.example"}),
        },
        inputs={"accountId": "{audit.id}", "servicePrincipal": "guardduty.amazonaws.com"},
        look=_delegated,
        seen=True,
        replace={"servicePrincipal": "config.amazonaws.com"},
        remove=lambda aws, it: aws("organizations").deregister_delegated_administrator(
            AccountId=it.id.partition("/")[0], ServicePrincipal=it.id.partition("/")[2]
        ),
    ),
]
