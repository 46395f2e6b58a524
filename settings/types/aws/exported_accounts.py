"""The accounts and endpoint services in the outputs of stacks. The runner and the tests of the policies share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_ONE = ("account_id", "management_account_id")
_BY_KIND = "accounts"
_ID = "organization_id"
_ENDPOINT_SERVICE = "endpoint_service_name"


def organization_of(outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the id of the organization, the ids of accounts and the names of endpoint services that stacks export, as
    JSON data. ``id`` is None as long as no stack exports it. Values that are not texts are unknown or secret, and are
    left out."""
    found = list(outputs)
    ids = [output[_ID] for output in found if isinstance(output.get(_ID), str)]
    accounts = {account for output in found for account in _accounts(output) if isinstance(account, str)}
    services = {name for output in found if isinstance(name := output.get(_ENDPOINT_SERVICE), str)}
    return {"id": next(iter(ids), None), "accounts": sorted(accounts), "endpoint_services": sorted(services)}


def _accounts(outputs: Mapping[str, Any]) -> Iterator[Any]:
    yield from (outputs[name] for name in _ONE if name in outputs)
    by_kind = outputs.get(_BY_KIND)
    if isinstance(by_kind, Mapping):
        yield from by_kind.values()
