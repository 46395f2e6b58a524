"""The roles that the AWS providers in a state assume.

The engine uses the providers of a state to refresh and to delete resources. They must therefore assume the roles of the
command that runs, also if another command with other roles wrote the state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from settings.types.aws.account_access import DEPLOYER, AccountAccess

_PROVIDER = "pulumi:providers:aws"
_ROLES = "assumeRoles"


def with_access(stack: str, deployment: Mapping[str, Any], access: AccountAccess) -> dict[str, Any]:
    """Returns the state with providers that enter accounts with this access, as those do that the program registers.

    Commands outside of the cluster change only the roles of pods. A provider of the management account assumes a role
    for reviews only.
    """
    changed = deepcopy(dict(deployment))
    for values in _values_of_providers(changed):
        roles = values.get(_ROLES)
        if access.reads_only or (roles and (access.person is not None or DEPLOYER in str(roles))):
            values[_ROLES] = _roles(stack, values, access)
    return changed


def _values_of_providers(deployment: Mapping[str, Any]) -> Iterator[Any]:
    """Yields the inputs and the outputs of each AWS provider, without empty ones."""
    for resource in deployment.get("resources") or ():
        if resource["type"] == _PROVIDER:
            yield from filter(None, (resource.get("inputs"), resource.get("outputs")))


def _roles(stack: str, values: Mapping[str, Any], access: AccountAccess) -> Any:
    """Returns the roles of a provider in the form of its other lists: bridged providers store JSON texts."""
    accounts = values["allowedAccountIds"]
    is_text = isinstance(accounts, str)
    (account,) = json.loads(accounts) if is_text else accounts
    roles = [access.assumed_role(stack, account)]
    return json.dumps(roles) if is_text else roles
