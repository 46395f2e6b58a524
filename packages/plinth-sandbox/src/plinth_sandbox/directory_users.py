"""The people in the emulated directory of Identity Center, which real organizations synchronise from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plinth_sandbox.environment import REGION
from plinth_sandbox.private import private_file

_ENTERPRISE = "aws:identitystore:enterprise"


class UnknownMemberError(LookupError):
    """The directory has no such user or group."""


def remember(file: Path, users: Sequence[str]) -> None:
    """Adds users to those in the file. A user is a name, or a name and a department as ``ana:fraud``."""
    known = _users(file)
    given = dict(_parts(user) for user in users)
    if missing := {name: department for name, department in given.items() if name not in known}:
        with private_file(file, "w") as opened:
            json.dump({**known, **missing}, opened)


def create_missing(file: Path, url: str, keys: Mapping[str, str]) -> None:
    """Creates the users in the file that the directory does not have. ``keys`` are those of the management account."""
    users = _users(file)
    if not users:
        return
    directory, store = _directory(url, keys)
    pages = directory.get_paginator("list_users").paginate(IdentityStoreId=store)
    existing = {user["UserName"] for page in pages for user in page["Users"]}
    for name, department in users.items():
        if name not in existing:
            full_name = {"GivenName": name, "FamilyName": "Sandbox"}
            further = {"Extensions": {_ENTERPRISE: {"department": department}}} if department else {}
            directory.create_user(IdentityStoreId=store, UserName=name, DisplayName=name, Name=full_name, **further)


def join(name: str, groups: Sequence[str], url: str, keys: Mapping[str, str]) -> None:
    """Puts a user into groups. Raises: UnknownMemberError if the directory lacks the user or a group."""
    directory, store = _directory(url, keys)
    user = _id(directory.get_user_id, store, "userName", name, f"the directory has no user {name}")["UserId"]
    for group in groups:
        found = _id(directory.get_group_id, store, "displayName", group, f"the directory has no group {group}")
        asked = {"IdentityStoreId": store, "MemberId": {"UserId": user}}
        if not directory.is_member_in_groups(**asked, GroupIds=[found["GroupId"]])["Results"][0]["MembershipExists"]:
            directory.create_group_membership(**asked, GroupId=found["GroupId"])


def _id(look_up: Any, store: str, attribute: str, value: str, missing: str) -> Mapping[str, str]:
    from botocore.exceptions import ClientError

    identifier = {"UniqueAttribute": {"AttributePath": attribute, "AttributeValue": value}}
    try:
        return dict(look_up(IdentityStoreId=store, AlternateIdentifier=identifier))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise UnknownMemberError(missing) from None


def _directory(url: str, keys: Mapping[str, str]) -> tuple[Any, str]:
    """Returns a client of the directory, and its id."""
    import boto3  # takes half a second, and only a sandbox with users needs it
    from botocore.config import Config

    session = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    direct = Config(proxies={})  # the emulator runs on this machine, so proxies from the environment do not apply
    center: Any = session.client("sso-admin", endpoint_url=url, config=direct)
    directory: Any = session.client("identitystore", endpoint_url=url, config=direct)
    return directory, str(center.list_instances()["Instances"][0]["IdentityStoreId"])


def _users(file: Path) -> dict[str, str]:
    """Returns the departments of the users in the file by name; empty for those without one."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def _parts(user: str) -> tuple[str, str]:
    name, _, department = user.partition(":")
    return name, department
