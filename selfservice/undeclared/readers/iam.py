"""IAM: roles, users with their credentials, identity providers, and the keys of the root user of one account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from selfservice.undeclared.finding import Danger, Finding, worst
from selfservice.undeclared.policy_access import admissions, listed
from selfservice.undeclared.powers import takes_over
from selfservice.undeclared.reading import Reading
from settings.types.aws.account_access import ACCESS_ROLE

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"
LOGIN = "aws:iam/userLoginProfile:UserLoginProfile"
PROVIDERS = ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "aws:iam/samlProvider:SamlProvider")
_PATHS_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Paths below which only AWS creates roles: those of services, and those of permission sets (IAM User Guide)."""
_PROVIDER_OF_IDENTITY_CENTER = ":saml-provider/AWSSSO_"
"""Identity Center creates this provider in every account with an assignment."""
_DETAILS = ("User", "Role", "Group", "LocalManagedPolicy")
_BY_AWS = "arn:aws:iam::aws:policy/"
Item = Mapping[str, Any]


def read(reading: Reading) -> Iterator[Finding]:
    """Yields roles, users, credentials and identity providers of the account that no stack declares."""
    pages = list(_pages(reading))
    documents = _Documents(reading, pages)
    declared = reading.names("name", ROLE, everywhere=True)
    for role in (detail for page in pages for detail in page["RoleDetailList"]):
        if role["RoleName"] not in declared and not _is_of_aws(role, reading):
            yield _role(reading, role, documents)
    declared = reading.names("name", USER, everywhere=True)
    for user in (detail for page in pages for detail in page["UserDetailList"]):
        with reading.of(f"user {user['UserName']}"):
            if user["UserName"] not in declared:
                yield _user(reading, user)
            yield from _credentials(reading, user)
    yield from _identity_providers(reading)
    yield from _root(reading)


def _pages(reading: Reading) -> Iterator[Item]:
    client = reading.client("iam")
    yield from client.get_paginator("get_account_authorization_details").paginate(Filter=list(_DETAILS))


def _is_of_aws(role: Item, reading: Reading) -> bool:
    """Returns whether AWS created the role, as far as only AWS can have done so.

    Anybody can create a role of the name that AWS Organizations uses, so its trust is compared as well.
    """
    if role["Path"].startswith(_PATHS_OF_AWS):
        return True
    management = reading.organization.management
    trusted = _trusted(role["AssumeRolePolicyDocument"])
    is_of_organization = trusted <= {management, f"arn:aws:iam::{management}:root"}
    return role["RoleName"] == ACCESS_ROLE and is_of_organization and reading.account.id != management


def _trusted(document: Item) -> set[str | None]:
    found: set[str | None] = set()
    for statement in listed(document.get("Statement")):
        principal = statement.get("Principal")
        values = principal.values() if isinstance(principal, Mapping) else [principal]
        found |= {str(identifier) for value in values for identifier in listed(value)}
    return found


class _Documents:
    """The documents of managed policies. Those of AWS are read when they are needed."""

    def __init__(self, reading: Reading, pages: list[Item]) -> None:
        self._client = reading.client("iam")
        self._found: dict[str, Item] = {
            policy["Arn"]: version["Document"]
            for page in pages
            for policy in page["Policies"]
            for version in policy["PolicyVersionList"]
            if version["IsDefaultVersion"]
        }

    def of(self, principal: Item, inline: str) -> Iterator[Item]:
        """Yields the documents of a role or user. ``inline`` is the key of its inline policies."""
        yield from (policy["PolicyDocument"] for policy in principal.get(inline) or ())
        for arn in (managed_policy["PolicyArn"] for managed_policy in principal.get("AttachedManagedPolicies") or ()):
            yield self._managed(arn)

    def _managed(self, arn: str) -> Item:
        if arn not in self._found:
            version = self._client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            document = self._client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            self._found[arn] = document
        return self._found[arn]


def _role(reading: Reading, role: Item, documents: _Documents) -> Finding:
    trust = role["AssumeRolePolicyDocument"]
    admitted = admissions(trust, reading.account.id, reading.organization)
    dangers = {admission.danger for admission in admitted}
    can_take_over = True  # so are policies that cannot be read
    with reading.of(f"policies of the role {role['RoleName']}"):
        can_take_over = takes_over(documents.of(role, "RolePolicyList"))
    if can_take_over:
        dangers.add(Danger.TAKE_OVER)
    attached = [
        str(managed_policy["PolicyArn"]).removeprefix(_BY_AWS)
        for managed_policy in role.get("AttachedManagedPolicies") or ()
    ]
    inline = [f"its policy {policy['PolicyName']}" for policy in role.get("RolePolicyList") or ()]
    return reading.found(
        worst(dangers) or Danger.ACCOUNT,
        role["Arn"],
        f"acting with {', '.join([*attached, *inline]) or 'a role that has no policy yet'}",
        "Delete the role, and look in CloudTrail for who created and who assumed it.",
        principals=tuple(sorted(str(principal) for principal in _trusted(trust))),
        since=role.get("CreateDate"),
    )


def _user(reading: Reading, user: Item) -> Finding:
    groups = [f"group {group}" for group in user.get("GroupList") or ()]
    attached = [
        str(managed_policy["PolicyArn"]).removeprefix(_BY_AWS)
        for managed_policy in user.get("AttachedManagedPolicies") or ()
    ]
    inline = [f"its policy {policy['PolicyName']}" for policy in user.get("UserPolicyList") or ()]
    return reading.found(
        Danger.TAKE_OVER,
        user["Arn"],
        f"acting from anywhere with {', '.join([*groups, *attached, *inline]) or 'a user that has no policy yet'}",
        "Delete the user with its keys, and look in CloudTrail for who created it.",
        principals=("whoever has its password or keys",),
        since=user.get("CreateDate"),
    )


def _credentials(reading: Reading, user: Item) -> Iterator[Finding]:
    name = user["UserName"]
    keys = reading.names("id", ACCESS_KEY, everywhere=True)
    for key in reading.every("iam", "list_access_keys", "AccessKeyMetadata", UserName=name):
        if key["AccessKeyId"] not in keys:
            yield reading.found(
                Danger.TAKE_OVER,
                f"{user['Arn']}/access-key/{key['AccessKeyId']}",
                f"acting as the user {name} from anywhere ({str(key['Status']).lower()} key)",
                f"Delete the key (`aws iam delete-access-key --user-name {name}`).",
                principals=("whoever has the key",),
                since=key.get("CreateDate"),
            )
    if name not in reading.names("user", LOGIN, everywhere=True):
        with reading.of(f"password of {name}"):
            profile = reading.client("iam").get_login_profile(UserName=name)["LoginProfile"]
            yield reading.found(
                Danger.TAKE_OVER,
                f"{user['Arn']}/login-profile",
                f"signing in to the console as the user {name}",
                f"Delete the password (`aws iam delete-login-profile --user-name {name}`).",
                principals=("whoever has the password",),
                since=profile.get("CreateDate"),
            )


def _identity_providers(reading: Reading) -> Iterator[Finding]:
    declared = reading.names("arn", *PROVIDERS, everywhere=True)
    listings = (
        ("list_open_id_connect_providers", "OpenIDConnectProviderList"),
        ("list_saml_providers", "SAMLProviderList"),
    )
    for operation, key in listings:
        for provider in reading.every("iam", operation, key):
            arn = str(provider["Arn"])
            if arn not in declared and _PROVIDER_OF_IDENTITY_CENTER not in arn:
                yield reading.found(
                    Danger.TAKE_OVER,
                    arn,
                    "signing in to every role that trusts it",
                    "Delete the identity provider, and look for roles that trust it.",
                    principals=(f"identities of {arn.partition('-provider/')[2]}",),
                    since=provider.get("CreateDate"),
                )


def _root(reading: Reading) -> Iterator[Finding]:
    summary = reading.client("iam").get_account_summary()["SummaryMap"]
    if summary.get("AccountAccessKeysPresent"):
        yield reading.found(
            Danger.TAKE_OVER,
            f"arn:aws:iam::{reading.account.id}:root",
            "doing everything in the account, from anywhere",
            "Delete the access keys of the root user.",
            principals=("whoever has an access key of the root user",),
        )
