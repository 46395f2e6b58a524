"""Deletes the Studio apps that prevent the deletion of a space, a user profile or a domain.

People start apps, so no state contains them, and SageMaker refuses to delete what has one. The provider deletes none.
Deleting an app is asynchronous and takes minutes. An app that has failed is deleted by SageMaker, but stays in the list
for a while (API reference, ``DeleteApp`` and ``AppStatus``; Terraform's ``aws_sagemaker_app`` for the errors).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.engine.locks.stack_lock import InterruptedOperationError

_DOMAIN = "aws:sagemaker/domain:Domain"
_HOLDERS: Mapping[str, tuple[str, str]] = {
    "aws:sagemaker/space:Space": ("spaceName", "SpaceName"),
    "aws:sagemaker/userProfile:UserProfile": ("userProfileName", "UserProfileName"),
}
"""Types inside a domain that have apps: the output with their name, and the member of an app that names them."""
_WHOLE_DOMAIN = ("", "")
_POLL_SECONDS = 5.0

_Holder = tuple[str, str]
"""Member of an app, and the name in it."""


def delete_apps(
    resources: Iterable[Mapping[str, Any]],
    deleted: Collection[str] | None,
    notify: Callable[[str], None],
    interrupted: threading.Event,
) -> None:
    """Deletes the apps of what is deleted in Studio, and waits until they no longer exist.

    ``resources`` are the deployed resources, providers included, and ``deleted`` the URNs of those that the operation
    deletes, or None for all. Raises :class:`InterruptedOperationError` if ``interrupted`` is set before the end.
    """
    known = list(resources)
    search = Search({"resources": known})
    accounts: dict[str, Account] = {}
    holders: dict[str, set[_Holder]] = defaultdict(set)
    for resource in known:
        found = None if deleted is not None and resource["urn"] not in deleted else _holder(resource)
        if found is not None:
            domain, holder = found
            accounts[domain] = search.account_of(resource)
            holders[domain].add(holder)
    for domain, account in accounts.items():
        _delete_in(account, domain, holders[domain], notify, interrupted)


def _holder(resource: Mapping[str, Any]) -> tuple[str, _Holder] | None:
    """Returns the domain of a resource and what its apps name, or None if the resource has no apps."""
    if resource["type"] == _DOMAIN:
        return str(resource["id"]), _WHOLE_DOMAIN
    if resource["type"] not in _HOLDERS:
        return None
    output, member = _HOLDERS[resource["type"]]
    return resource["outputs"]["domainId"], (member, resource["outputs"][output])


def _delete_in(
    account: Account,
    domain: str,
    holders: Collection[_Holder],
    notify: Callable[[str], None],
    interrupted: threading.Event,
) -> None:
    requested: set[tuple[str, ...]] = set()
    while True:
        remaining, is_new = 0, False
        for app in account.every("sagemaker", "list_apps", "Apps", DomainIdEquals=domain):
            key = _key(app)
            if app["Status"] == "Deleted" or not any(holder in holders for holder in (_WHOLE_DOMAIN, key[:2])):
                continue
            if app["Status"] in ("InService", "Failed") and key not in requested and _request(account, app):
                requested.add(key)
                is_new = True
                notify(f"deleting the app {app['AppName']} ({app['AppType']}) of {key[1]}")
            remaining += app["Status"] != "Failed"
        if not (remaining or is_new):
            return
        if not is_new and interrupted.wait(_POLL_SECONDS):
            raise InterruptedOperationError


def _key(app: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns what identifies the app in its domain, its holder first."""
    member = "SpaceName" if app.get("SpaceName") else "UserProfileName"
    return member, str(app.get(member)), app["AppType"], app["AppName"]


def _request(account: Account, app: Mapping[str, Any]) -> bool:
    """Requests the deletion of an app. Returns whether SageMaker now deletes it; another attempt is harmless."""
    from botocore.exceptions import ClientError  # imported late like boto3

    member, holder, type_, name = _key(app)
    try:
        account.client("sagemaker").delete_app(
            DomainId=app["DomainId"], AppType=type_, AppName=name, **{member: holder}
        )
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code in ("ResourceInUse", "ResourceNotFound") or (code == "ValidationException" and "deleted" in message):
            return False
        raise
    return True
