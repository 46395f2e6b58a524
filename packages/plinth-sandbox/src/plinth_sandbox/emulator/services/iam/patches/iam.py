"""IAM: AWS managed policies, root access of member accounts, and password policies without expiry."""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import SERVICE_NAME_CONVERSION, AWSManagedPolicy, iam_backends
from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patch, Patches
from plinth_sandbox.emulator.randomness import seeded

_MANAGED = "arn:aws:iam::aws:policy/"

_SERVICE_LINKED = {
    "access-analyzer": "AccessAnalyzer",
    "config": "Config",
    "guardduty": "AmazonGuardDuty",
    "ram": "ResourceAccessManager",
}
"""Suffixes of service-linked role names as AWS writes them. moto uses the service's domain if it does not know the
suffix."""
SCALED = {
    "sagemaker": "SageMakerEndpoint",
    "dynamodb": "DynamoDBTable",
    "ecs": "ECSService",
    "lambda": "LambdaConcurrency",
}
"""Suffix of the service-linked role's name for each service that Application Auto Scaling scales (Application Auto
Scaling User Guide, "Service-linked roles")."""
_SCALING = ".application-autoscaling.amazonaws.com"


def patch_moto() -> None:
    SERVICE_NAME_CONVERSION.update(_SERVICE_LINKED)


def _create_service_linked_role(exchange: Exchange) -> Answer:
    """Names the role of a scaled service as AWS does, and accepts no custom suffix for it."""
    call = exchange.call
    service = call.parameters["AWSServiceName"]
    scaled = SCALED.get(service.removesuffix(_SCALING)) if service.endswith(_SCALING) else None
    if scaled is None:
        return exchange.below()
    if call.parameters.get("CustomSuffix"):
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service}.")
    name, backend = f"AWSServiceRoleForApplicationAutoScaling_{scaled}", iam_backends[call.account]["aws"]
    if any(role.name == name for role in backend.roles.values()):
        taken = f"Service role name {name} has been taken in this account, please try a different suffix."
        raise AwsError("InvalidInput", taken)

    def rename(result: dict[str, Any]) -> None:
        role = backend.get_role(result["Role"]["RoleName"])
        role.name = name
        result["Role"].update(RoleName=role.name, Arn=role.arn)

    return exchange.amend(rename)


@functools.cache
def _managed_policies() -> dict[str, dict[str, Any]]:
    return dict(json.loads(aws_managed_policies_data))


def _with_managed_policy(exchange: Exchange) -> Answer:
    """Loads the managed policy that the call names. Loading all of them would take 34 MiB per account."""
    arn = str(exchange.call.parameters.get("PolicyArn", ""))
    if arn.startswith(_MANAGED):
        load_managed_policy(exchange.call.account, arn.rpartition("/")[2])
    return exchange.below()


def _with_all_managed_policies(exchange: Exchange) -> Answer:
    if exchange.call.parameters.get("Scope") != "Local" and not exchange.call.parameters.get("OnlyAttached"):
        for name in _managed_policies():
            load_managed_policy(exchange.call.account, name)
    return exchange.below()


def load_managed_policy(account: str, name: str) -> None:
    backend = iam_backends[account]["aws"]
    if name not in _managed_policies():
        return
    # The id must not depend on the call that names the policy first.
    with seeded("managed policy", name):
        policy = AWSManagedPolicy.from_data(name, account, "aws", _managed_policies()[name])
    if policy.arn not in backend.managed_policies:
        backend.managed_policies[policy.arn] = policy
        backend.aws_managed_policies.append(policy)


def _organization_feature(feature: str, enable: bool) -> Patch:
    def switch(exchange: Exchange) -> Answer:
        features = exchange.memory.notes("iam", exchange.call.account, "features")
        features.pop(feature, None)
        if enable:
            features[feature] = True
        return _features(exchange)

    return switch


def _features(exchange: Exchange) -> Answer:
    organization = organizations_backends[exchange.call.account]["aws"].describe_organization()["Organization"]
    enabled = sorted(exchange.memory.notes("iam", exchange.call.account, "features"))
    return exchange.call.reply({"OrganizationId": organization["Id"], "EnabledFeatures": enabled})


def _password_policy(exchange: Exchange) -> Answer:
    """Leaves out the password age if passwords do not expire, as AWS does. moto returns 0, which no request may
    send."""

    def leave_out_no_age(result: dict[str, Any]) -> None:
        if not result["PasswordPolicy"]["ExpirePasswords"]:
            result["PasswordPolicy"].pop("MaxPasswordAge", None)

    return exchange.amend(leave_out_no_age)


PATCHES: Patches = {
    **dict.fromkeys(
        (
            "AttachGroupPolicy",
            "AttachRolePolicy",
            "AttachUserPolicy",
            "GetPolicy",
            "GetPolicyVersion",
            "ListPolicyVersions",
        ),
        _with_managed_policy,
    ),
    "CreateServiceLinkedRole": _create_service_linked_role,
    "GetAccountPasswordPolicy": _password_policy,
    "ListPolicies": _with_all_managed_policies,
    "ListOrganizationsFeatures": _features,
    "EnableOrganizationsRootCredentialsManagement": _organization_feature("RootCredentialsManagement", True),
    "DisableOrganizationsRootCredentialsManagement": _organization_feature("RootCredentialsManagement", False),
    "EnableOrganizationsRootSessions": _organization_feature("RootSessions", True),
    "DisableOrganizationsRootSessions": _organization_feature("RootSessions", False),
}
