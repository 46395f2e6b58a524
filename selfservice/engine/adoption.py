"""Adoption of singletons: resources that AWS allows once per account, and that a used account already has.

After the preview and before the update, every singleton that the update would create is looked up in its account. The
program imports those that exist, so the update changes them instead of failing halfway (decision 35). Nothing else is
adopted unasked: a resource that AWS allows more than once may belong to somebody else.

An account that a destroyed team left in the unit ``Suspended`` is adopted too, because no other account can have its
address (decision 38), and so is what a retired use case left in the tooling account (decision 71).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.account_suspension import ACCOUNT, suspended_account
from selfservice.engine.import_discovery import Search
from selfservice.engine.resource_lookup import singletons
from selfservice.engine.resource_lookup.kept import lookup_of
from selfservice.engine.resource_lookup.lookup import Lookup, Properties, Searched

_VARIABLE = "PLINTH_ADOPTED"
"""Environment variable of the program: provider's id by URN, as JSON (``stacks/shared/adoption.py``)."""

_NO_ORGANIZATION = "AWSOrganizationsNotInUseException"
"""Error code of AWS Organizations before the update creates the organization: there is nothing to adopt."""


def _suspended(inputs: Properties, account: Account) -> str | None:
    return suspended_account(account, inputs["email"])


LOOKUPS: Mapping[str, Lookup] = {**singletons.LOOKUPS, ACCOUNT: Searched(_suspended, ("email",))}
"""The lookup of each resource type that may be adopted unasked."""


def existing_singletons(
    created: Iterable[Mapping[str, Any]], known: Iterable[Mapping[str, Any]], notify: Callable[[str], None]
) -> dict[str, str]:
    """Returns the singletons among the ``created`` resources that AWS already has: URN -> provider's id.

    ``known`` are the planned and the deployed resources, providers included. If AWS refuses to answer, the user is told
    and the update tries to create the resource.
    """
    from botocore.exceptions import ClientError  # imported late like boto3

    sought = [(resource, LOOKUPS.get(resource["type"]) or lookup_of(resource)) for resource in created]
    search = Search({"resources": list(known)})
    found: dict[str, str] = {}
    for resource, lookup in sought:
        if lookup is None or search.is_in_new_account(resource):
            continue
        name = str(resource["urn"]).rpartition("::")[2]
        try:
            identity = search.find(resource, lookup)
        except ClientError as error:
            if error.response["Error"]["Code"] == _NO_ORGANIZATION:
                continue
            notify(f"cannot find out whether the account already has {name}: {error}")
            continue
        if identity is not None:
            found[str(resource["urn"])] = identity
            notify(f"the account already has {name}: adopted as {identity}")
    return found


def variables(found: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment variable that makes the program import the found resources."""
    return {_VARIABLE: json.dumps(dict(found))}
