"""The people in the emulated directory of Identity Center, which real organizations synchronise from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plinth_sandbox.environment import REGION
from plinth_sandbox.private import private_file


def remember(file: Path, names: Sequence[str]) -> None:
    """Adds names to those in the file."""
    known = _names(file)
    if missing := [name for name in names if name not in known]:
        with private_file(file, "w") as opened:
            json.dump([*known, *missing], opened)


def create_missing(file: Path, url: str, keys: Mapping[str, str]) -> None:
    """Creates the users in the file that the directory does not have. ``keys`` are those of the management account."""
    names = _names(file)
    if not names:
        return
    import boto3  # takes half a second, and only a sandbox with users needs it
    from botocore.config import Config

    session = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    direct = Config(proxies={})  # the emulator runs on this machine, so proxies from the environment do not apply
    center: Any = session.client("sso-admin", endpoint_url=url, config=direct)
    directory: Any = session.client("identitystore", endpoint_url=url, config=direct)
    store = center.list_instances()["Instances"][0]["IdentityStoreId"]
    pages = directory.get_paginator("list_users").paginate(IdentityStoreId=store)
    existing = {user["UserName"] for page in pages for user in page["Users"]}
    for name in names:
        if name not in existing:
            full_name = {"GivenName": name, "FamilyName": "Sandbox"}
            directory.create_user(IdentityStoreId=store, UserName=name, DisplayName=name, Name=full_name)


def _names(file: Path) -> list[str]:
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []
