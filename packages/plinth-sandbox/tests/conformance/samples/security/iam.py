"""Samples of AWS Identity and Access Management."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def _document(sid: str, *, actions: str | list[str] = "s3:GetObject") -> str:
    statement = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROLE = ("aws:iam/role:Role", {"assumeRolePolicy": _trust("ec2")})
POLICY = ("aws:iam/policy:Policy", {"policy": _document("Needed")})


def _role(aws: Aws, it: Kept) -> dict[str, Any]:
    role = aws("iam").get_role(RoleName=it.id)["Role"]
    return {
        "arn": role["Arn"] == it.outputs["arn"] and role["Arn"].endswith(f":role/plinth/{it.id}"),
        "description": role.get("Description", ""),
        "trusts": role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"],
        "seconds": role["MaxSessionDuration"],
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "tags": {tag["Key"]: tag["Value"] for tag in role["Tags"]},
    }


def _policy(aws: Aws, it: Kept) -> dict[str, Any]:
    iam = aws("iam")
    policy = iam.get_policy(PolicyArn=it.id)["Policy"]
    version = iam.get_policy_version(PolicyArn=it.id, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    return {
        "path": policy["Path"],
        "description": policy["Description"],
        "sid": version["Document"]["Statement"][0]["Sid"],
        "tags": {tag["Key"]: tag["Value"] for tag in policy["Tags"]},
    }


def _put_other_version(aws: Aws, it: Kept) -> None:
    """Changes the policy until IAM's quota of versions is reached, so that correcting the drift must delete one."""
    for number in range(2, 6):
        aws("iam").create_policy_version(
            PolicyArn=it.id, PolicyDocument=_document(f"Version{number}"), SetAsDefault=True
        )


def _inline(aws: Aws, it: Kept) -> str:
    role, _, name = it.id.partition(":")
    document = aws("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return str(document["Statement"][0]["Sid"])


def _attached(aws: Aws, it: Kept) -> list[str]:
    attached = aws("iam").list_attached_role_policies(RoleName=it.inputs["role"])["AttachedPolicies"]
    return [policy["PolicyArn"] for policy in attached]


def _profile(aws: Aws, it: Kept) -> dict[str, Any]:
    profile = aws("iam").get_instance_profile(InstanceProfileName=it.id)["InstanceProfile"]
    return {
        "path": profile["Path"],
        "roles": [role["RoleName"] for role in profile["Roles"]],
        "tags": {tag["Key"]: tag["Value"] for tag in profile["Tags"]},
    }


def _empty_profile(aws: Aws, it: Kept) -> None:
    for name in _profile(aws, it)["roles"]:
        aws("iam").remove_role_from_instance_profile(InstanceProfileName=it.id, RoleName=name)


def _remove_profile(aws: Aws, it: Kept) -> None:
    _empty_profile(aws, it)
    aws("iam").delete_instance_profile(InstanceProfileName=it.id)


def _service_linked_role(aws: Aws, it: Kept) -> tuple[str, str, dict[str, str]]:
    role = aws("iam").get_role(RoleName=it.id.rpartition("/")[2])["Role"]
    return role["RoleName"], role["Description"], {tag["Key"]: tag["Value"] for tag in role["Tags"]}


def _user(aws: Aws, it: Kept) -> dict[str, Any]:
    user = aws("iam").get_user(UserName=it.id)["User"]
    return {"path": user["Path"], "tags": {tag["Key"]: tag["Value"] for tag in user["Tags"]}}


def _features(aws: Aws, _it: Kept) -> list[str]:
    return sorted(aws("iam").list_organizations_features()["EnabledFeatures"])


def _disable_features(aws: Aws, _it: Kept) -> None:
    aws("iam").disable_organizations_root_sessions()
    aws("iam").disable_organizations_root_credentials_management()


def _identity_provider(aws: Aws, it: Kept) -> dict[str, Any]:
    provider = aws("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=it.id)
    return {
        "url": provider["Url"],
        "audiences": sorted(provider["ClientIDList"]),
        "tags": {tag["Key"]: tag["Value"] for tag in provider["Tags"]},
    }


SAMPLES = [
    Sample(
        type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        inputs={
            "url": "https://tokens-{n}.example.com",
            "clientIdLists": ["sts.amazonaws.com"],
            "tags": {"own": "1"},
        },
        look=_identity_provider,
        seen={
            "url": "tokens-{n}.example.com",
            "audiences": ["sts.amazonaws.com"],
            "tags": {"from": "provider", "own": "1"},
        },
        change={"clientIdLists": ["another", "sts.amazonaws.com"], "tags": {"own": "2"}},
        seen_changed={
            "url": "tokens-{n}.example.com",
            "audiences": ["another", "sts.amazonaws.com"],
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"url": "https://others-{n}.example.com"},
        drift=lambda aws, it: aws("iam").add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=it.id, ClientID="drifted"
        ),
        drifts="clientIdLists",
        remove=lambda aws, it: aws("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=it.id),
    ),
    Sample(
        type="aws:iam/user:User",
        inputs={"name": "sample-{n}", "path": "/plinth/", "tags": {"own": "1"}},
        look=_user,
        seen={"path": "/plinth/", "tags": {"from": "provider", "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"path": "/plinth/", "tags": {"from": "provider", "own": "2"}},
        drift=lambda aws, it: aws("iam").update_user(UserName=it.id, NewPath="/drifted/"),
        drifts="path",
        remove=lambda aws, it: aws("iam").delete_user(UserName=it.id),
    ),
    Sample(
        type="aws:iam/role:Role",
        needs={"boundary": POLICY},
        inputs={
            "name": "sample-{n}",
            "path": "/plinth/",
            "description": "before",
            "assumeRolePolicy": _trust("sagemaker"),
            "permissionsBoundary": "{boundary.id}",
            "maxSessionDuration": 14400,
            "tags": {"own": "1"},
        },
        look=_role,
        seen={
            "arn": True,
            "description": "before",
            "trusts": "sagemaker.amazonaws.com",
            "seconds": 14400,
            "boundary": "{boundary.id}",
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": None,
            "assumeRolePolicy": _trust("codebuild"),
            "permissionsBoundary": None,
            "maxSessionDuration": None,
            "tags": {"own": "2"},
        },
        seen_changed={
            "arn": True,
            "description": "",
            "trusts": "codebuild.amazonaws.com",
            "seconds": 3600,
            "boundary": None,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"path": "/other/"},
        drift=lambda aws, it: aws("iam").delete_role_permissions_boundary(RoleName=it.id),
        drifts="permissionsBoundary",
        remove=lambda aws, it: aws("iam").delete_role(RoleName=it.id),
    ),
    Sample(
        type="aws:iam/policy:Policy",
        inputs={
            "name": "sample-{n}",
            "path": "/plinth/",
            "description": "what it allows",
            "policy": _document("Before"),
            "tags": {"own": "1"},
        },
        look=_policy,
        seen={
            "path": "/plinth/",
            "description": "what it allows",
            "sid": "Before",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"policy": _document("After"), "tags": {"own": "2"}},
        seen_changed={
            "path": "/plinth/",
            "description": "what it allows",
            "sid": "After",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"description": "another"},
        drift=_put_other_version,
        drifts="policy",
        remove=lambda aws, it: aws("iam").delete_policy(PolicyArn=it.id),
    ),
    Sample(
        type="aws:iam/rolePolicy:RolePolicy",
        needs={"role": ROLE},
        inputs={"name": "permissions", "role": "{role.id}", "policy": _document("Before")},
        look=_inline,
        seen="Before",
        change={"policy": _document("After", actions=["s3:PutObject"])},
        seen_changed="After",
        replace={"name": "other"},
        drift=lambda aws, it: aws("iam").put_role_policy(
            RoleName=it.inputs["role"], PolicyName="permissions", PolicyDocument=_document("Moved")
        ),
        drifts="policy",
        remove=lambda aws, it: aws("iam").delete_role_policy(RoleName=it.inputs["role"], PolicyName="permissions"),
    ),
    Sample(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        needs={"role": ROLE, "policy": POLICY},
        inputs={"role": "{role.id}", "policyArn": READ_ONLY},
        look=_attached,
        seen=[READ_ONLY],
        replace={"policyArn": "{policy.id}"},
        remove=lambda aws, it: aws("iam").detach_role_policy(RoleName=it.inputs["role"], PolicyArn=READ_ONLY),
    ),
    Sample(
        type="aws:iam/instanceProfile:InstanceProfile",
        needs={"role": ROLE, "other": ROLE},
        inputs={"name": "sample-{n}", "path": "/plinth/", "role": "{role.id}", "tags": {"own": "1"}},
        look=_profile,
        seen={"path": "/plinth/", "roles": ["{role.id}"], "tags": {"from": "provider", "own": "1"}},
        change={"role": "{other.id}", "tags": {"own": "2"}},
        seen_changed={"path": "/plinth/", "roles": ["{other.id}"], "tags": {"from": "provider", "own": "2"}},
        replace={"path": "/other/"},
        drift=_empty_profile,
        drifts="role",
        remove=_remove_profile,
    ),
    Sample(
        type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        inputs={
            "allowUsersToChangePassword": False,
            "minimumPasswordLength": 14,
            "passwordReusePrevention": 24,
            "requireLowercaseCharacters": True,
            "requireNumbers": True,
            "requireSymbols": True,
            "requireUppercaseCharacters": True,
        },
        look=lambda aws, it: aws("iam").get_account_password_policy()["PasswordPolicy"],
        seen={
            "AllowUsersToChangePassword": False,
            "ExpirePasswords": False,
            "HardExpiry": False,
            "MinimumPasswordLength": 14,
            "PasswordReusePrevention": 24,
            "RequireLowercaseCharacters": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "RequireUppercaseCharacters": True,
        },
        change={"allowUsersToChangePassword": None, "minimumPasswordLength": 16, "maxPasswordAge": 90},
        seen_changed={
            "AllowUsersToChangePassword": True,
            "ExpirePasswords": True,
            "HardExpiry": False,
            "MaxPasswordAge": 90,
            "MinimumPasswordLength": 16,
            "PasswordReusePrevention": 24,
            "RequireLowercaseCharacters": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "RequireUppercaseCharacters": True,
        },
        drift=lambda aws, it: aws("iam").update_account_password_policy(MinimumPasswordLength=8),
        drifts="minimumPasswordLength",
        remove=lambda aws, it: aws("iam").delete_account_password_policy(),
    ),
    Sample(
        type="aws:iam/accountAlias:AccountAlias",
        inputs={"accountAlias": "acme-sample-{n}"},
        look=lambda aws, it: aws("iam").list_account_aliases()["AccountAliases"] == [it.id],
        seen=True,
        replace={"accountAlias": "acme-other-{n}"},
        remove=lambda aws, it: aws("iam").delete_account_alias(AccountAlias=it.id),
    ),
    Sample(
        type="aws:iam/serviceLinkedRole:ServiceLinkedRole",
        inputs={"awsServiceName": "config.amazonaws.com", "description": "before", "tags": {"own": "1"}},
        look=_service_linked_role,
        seen=("AWSServiceRoleForConfig", "before", {"from": "provider", "own": "1"}),
        change={"description": "after", "tags": {"own": "2"}},
        seen_changed=("AWSServiceRoleForConfig", "after", {"from": "provider", "own": "2"}),
        replace={"awsServiceName": "guardduty.amazonaws.com"},
        drift=lambda aws, it: aws("iam").update_role(RoleName=it.outputs["name"], Description="drifted"),
        drifts="description",
        remove=lambda aws, it: aws("iam").delete_service_linked_role(RoleName=it.outputs["name"]),
    ),
    Sample(
        type="aws:iam/serviceLinkedRole:ServiceLinkedRole",
        inputs={"awsServiceName": "sagemaker.application-autoscaling.amazonaws.com", "description": "scaling"},
        look=_service_linked_role,
        seen=("AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint", "scaling", {"from": "provider"}),
        remove=lambda aws, it: aws("iam").delete_service_linked_role(RoleName=it.outputs["name"]),
    ),
    Sample(
        type="aws:iam/organizationsFeatures:OrganizationsFeatures",
        needs={
            "organization": (
                "aws:organizations/organization:Organization",
                {"awsServiceAccessPrincipals": ["iam.amazonaws.com"]},
            )
        },
        inputs={"enabledFeatures": ["RootCredentialsManagement", "RootSessions"]},
        look=_features,
        seen=["RootCredentialsManagement", "RootSessions"],
        change={"enabledFeatures": ["RootCredentialsManagement"]},
        seen_changed=["RootCredentialsManagement"],
        drift=lambda aws, it: aws("iam").disable_organizations_root_sessions(),
        drifts="enabledFeatures",
        remove=_disable_features,
    ),
]
