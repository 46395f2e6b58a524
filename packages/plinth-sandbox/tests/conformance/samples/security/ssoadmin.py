"""Samples of IAM Identity Center."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

ACCOUNT = "123456789012"
PERMISSION_SET: Need = (
    "aws:ssoadmin/permissionSet:PermissionSet",
    {"name": "needed-{n}", "instanceArn": "{center.instance}"},
)
GROUP: Need = (
    "aws:identitystore/group:Group",
    {"displayName": "needed-{n}", "identityStoreId": "{center.directory}"},
)
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ce:Get*", "Resource": "*"}],
}
OTHER_POLICY = {**POLICY, "Statement": [{"Effect": "Allow", "Action": "ce:List*", "Resource": "*"}]}


def _permission_set(aws: Aws, it: Kept) -> dict[str, Any]:
    center, address = aws("sso-admin"), {"InstanceArn": it.inputs["instanceArn"]}
    found = center.describe_permission_set(PermissionSetArn=it.outputs["arn"], **address)["PermissionSet"]
    tags = center.list_tags_for_resource(ResourceArn=it.outputs["arn"], **address)["Tags"]
    return {
        "name": found["Name"],
        "description": found["Description"],
        "session": found["SessionDuration"],
        "opens": found["RelayState"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _lengthen(aws: Aws, it: Kept) -> None:
    aws("sso-admin").update_permission_set(
        InstanceArn=it.inputs["instanceArn"],
        PermissionSetArn=it.outputs["arn"],
        Description=it.inputs["description"],
        RelayState=it.inputs["relayState"],
        SessionDuration="PT12H",
    )


def _address(it: Kept) -> dict[str, str]:
    return {"InstanceArn": it.inputs["instanceArn"], "PermissionSetArn": it.inputs["permissionSetArn"]}


def _inline_policy(aws: Aws, it: Kept) -> Any:
    return json.loads(aws("sso-admin").get_inline_policy_for_permission_set(**_address(it))["InlinePolicy"])


def _boundary(aws: Aws, it: Kept) -> Any:
    return aws("sso-admin").get_permissions_boundary_for_permission_set(**_address(it))["PermissionsBoundary"]


def _assigned(aws: Aws, it: Kept) -> Any:
    listed = aws("sso-admin").list_account_assignments(AccountId=it.inputs["targetId"], **_address(it))
    return {
        account_assignment["PrincipalType"]: account_assignment["PrincipalId"]
        for account_assignment in listed["AccountAssignments"]
    }


def _unassign(aws: Aws, it: Kept) -> None:
    target = {"TargetId": it.inputs["targetId"], "TargetType": "AWS_ACCOUNT"}
    group = {"PrincipalId": it.inputs["principalId"], "PrincipalType": "GROUP"}
    aws("sso-admin").delete_account_assignment(**_address(it), **target, **group)


def _attributes(aws: Aws, it: Kept) -> Any:
    answer = aws("sso-admin").describe_instance_access_control_attribute_configuration(InstanceArn=it.id)
    found = answer["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"]
    return {attribute["Key"]: attribute["Value"]["Source"] for attribute in found}


def _attribute(key: str, *sources: str) -> dict[str, Any]:
    return {"key": key, "values": [{"sources": list(sources)}]}


def _add_attribute(aws: Aws, it: Kept) -> None:
    added = [{"Key": "else", "Value": {"Source": ["${path:userName}"]}}]
    aws("sso-admin").update_instance_access_control_attribute_configuration(
        InstanceArn=it.id, InstanceAccessControlAttributeConfiguration={"AccessControlAttributes": added}
    )


def _domain_and_people(aws: Aws, known: dict[str, Any]) -> dict[str, str]:
    """Creates a domain, whose application is assigned, and two people."""
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    domain = aws("sagemaker").create_domain(
        DomainName=f"assigned-{known['n']}",
        AuthMode="SSO",
        VpcId=vpc,
        SubnetIds=[subnet],
        DefaultUserSettings={"ExecutionRole": f"arn:aws:iam::{ACCOUNT}:role/worker"},
    )["DomainId"]
    people = {
        name: aws("identitystore").create_user(
            IdentityStoreId=known["center"]["directory"],
            UserName=f"{name}-{known['n']}",
            DisplayName=name,
            Name={"GivenName": name, "FamilyName": "Doe"},
        )["UserId"]
        for name in ("ada", "bob")
    }
    return {**people, "application": aws("sagemaker").describe_domain(DomainId=domain)["SingleSignOnApplicationArn"]}


def _assigned_to_application(aws: Aws, it: Kept) -> Any:
    listed = aws("sso-admin").list_application_assignments(ApplicationArn=it.inputs["applicationArn"])
    return {
        application_assignment["PrincipalType"]: application_assignment["PrincipalId"]
        for application_assignment in listed["ApplicationAssignments"]
    }


SAMPLES = [
    Sample(
        type="aws:ssoadmin/permissionSet:PermissionSet",
        inputs={
            "name": "sample-{n}",
            "description": "before",
            "instanceArn": "{center.instance}",
            "sessionDuration": "PT4H",
            "relayState": "https://eu-west-1.console.aws.amazon.com/sagemaker/home",
            "tags": {"own": "1"},
        },
        look=_permission_set,
        seen={
            "name": "sample-{n}",
            "description": "before",
            "session": "PT4H",
            "opens": "https://eu-west-1.console.aws.amazon.com/sagemaker/home",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"description": "after", "sessionDuration": "PT1H", "tags": {"own": "2"}},
        seen_changed={
            "name": "sample-{n}",
            "description": "after",
            "session": "PT1H",
            "opens": "https://eu-west-1.console.aws.amazon.com/sagemaker/home",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample-{n}-renamed"},
        drift=_lengthen,
        drifts="sessionDuration",
        remove=lambda aws, it: aws("sso-admin").delete_permission_set(
            InstanceArn=it.inputs["instanceArn"], PermissionSetArn=it.outputs["arn"]
        ),
    ),
    Sample(
        type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
        needs={"set": PERMISSION_SET, "other": (PERMISSION_SET[0], {**PERMISSION_SET[1], "name": "other-{n}"})},
        inputs={
            "instanceArn": "{center.instance}",
            "permissionSetArn": "{set.outputs.arn}",
            "inlinePolicy": json.dumps(POLICY),
        },
        look=_inline_policy,
        seen=POLICY,
        change={"inlinePolicy": json.dumps(OTHER_POLICY)},
        seen_changed=OTHER_POLICY,
        replace={"permissionSetArn": "{other.outputs.arn}"},
        drift=lambda aws, it: aws("sso-admin").put_inline_policy_to_permission_set(
            **_address(it), InlinePolicy=json.dumps(OTHER_POLICY)
        ),
        drifts="inlinePolicy",
        remove=lambda aws, it: aws("sso-admin").delete_inline_policy_from_permission_set(**_address(it)),
    ),
    Sample(
        type="aws:ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment",
        needs={"set": PERMISSION_SET},
        inputs={
            "instanceArn": "{center.instance}",
            "permissionSetArn": "{set.outputs.arn}",
            "permissionsBoundary": {"managedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
        },
        look=_boundary,
        seen={"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
        replace={
            "permissionsBoundary": {"customerManagedPolicyReference": {"name": "boundary", "path": "/plinth/"}},
        },
        remove=lambda aws, it: aws("sso-admin").delete_permissions_boundary_from_permission_set(**_address(it)),
    ),
    Sample(
        type="aws:ssoadmin/accountAssignment:AccountAssignment",
        needs={"set": PERMISSION_SET, "group": GROUP},
        inputs={
            "instanceArn": "{center.instance}",
            "permissionSetArn": "{set.outputs.arn}",
            "principalType": "GROUP",
            "principalId": "{group.outputs.groupId}",
            "targetType": "AWS_ACCOUNT",
            "targetId": ACCOUNT,
        },
        look=_assigned,
        seen={"GROUP": "{group.outputs.groupId}"},
        replace={"targetId": "222222222222"},
        remove=_unassign,
    ),
    Sample(
        type="aws:ssoadmin/applicationAssignment:ApplicationAssignment",
        prepare=_domain_and_people,
        inputs={
            "applicationArn": "{prepared.application}",
            "principalType": "USER",
            "principalId": "{prepared.ada}",
        },
        look=_assigned_to_application,
        seen={"USER": "{prepared.ada}"},
        replace={"principalId": "{prepared.bob}"},
        remove=lambda aws, it: aws("sso-admin").delete_application_assignment(
            ApplicationArn=it.inputs["applicationArn"], PrincipalType="USER", PrincipalId=it.inputs["principalId"]
        ),
    ),
    Sample(
        type="aws:ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes",
        inputs={
            "instanceArn": "{center.instance}",
            "attributes": [
                _attribute("plinth:team", "${path:enterprise.department}"),
                _attribute("plinth:user", "${path:userName}"),
            ],
        },
        look=_attributes,
        seen={"plinth:team": ["${path:enterprise.department}"], "plinth:user": ["${path:userName}"]},
        change={"attributes": [_attribute("plinth:team", "${path:enterprise.costCenter}")]},
        seen_changed={"plinth:team": ["${path:enterprise.costCenter}"]},
        drift=_add_attribute,
        drifts="attributes",
        remove=lambda aws, it: aws("sso-admin").delete_instance_access_control_attribute_configuration(
            InstanceArn=it.id
        ),
    ),
]
