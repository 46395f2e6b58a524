"""The Identity Center instance of an organization, and the people and groups of its directory."""

from __future__ import annotations

from typing import Any

from moto.identitystore.models import identitystore_backends
from moto.organizations.models import organizations_backends
from moto.ssoadmin.models import Instance, ssoadmin_backends

from plinth_sandbox.emulator.call import Call


def instance_of(call: Call) -> Instance:
    """Returns the instance that serves the calling account: that of its management account in the same region."""
    manager, _ = organizations_backends.master_accounts.get(call.account, (call.account, "aws"))
    instance: Instance = ssoadmin_backends[manager][call.region].list_instances()[0]
    return instance


def has_principal(instance: Instance, region: str, kind: str, principal_id: str) -> bool:
    """Returns whether the directory has a user or group (``USER``, ``GROUP``) with this id."""
    directory = directory_of(instance, region)
    return directory is not None and principal_id in (directory.users if kind == "USER" else directory.groups)


def has_user_name(instance: Instance, region: str, user_name: str) -> bool:
    """Returns whether the directory has a user with this name."""
    directory = directory_of(instance, region)
    return directory is not None and any(user.UserName == user_name for user in directory.users.values())


def directory_of(instance: Instance, region: str) -> Any:
    """Returns the directory; None before anything is in it, because moto creates it then."""
    return identitystore_backends[instance.account_id][region].identity_stores.get(instance.identity_store_id)
