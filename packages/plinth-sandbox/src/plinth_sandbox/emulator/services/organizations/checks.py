"""Organizations: the grammar of service control policies and resource control policies.

Sources: Organizations User Guide, "SCP syntax" (the full policy language except principals, since September 2025) and
"RCP syntax" (read 2026-11-21).
"""

from __future__ import annotations

from typing import Any

from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed, statements

_VERSIONS = ("2012-10-17", "2008-10-17")
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"))
_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def _created(call: Call) -> None:
    _check(call.parameters["Type"], call.parameters["Content"])


def _updated(call: Call) -> None:
    if "Content" in call.parameters:
        policies = organizations_backends[call.account]["aws"].policies
        kinds = [policy.type for policy in policies if policy.id == call.parameters["PolicyId"]]
        _check("".join(kinds), call.parameters["Content"])


def _check(kind: str, content: str) -> None:
    document = parsed(content)
    if document is None:
        raise _malformed()
    grammar = {"SERVICE_CONTROL_POLICY": _allowed_in_scp, "RESOURCE_CONTROL_POLICY": _allowed_in_rcp}.get(kind)
    if grammar is None:
        return
    if document.get("Version") not in _VERSIONS or not all(map(grammar, statements(document))):
        raise _malformed()


def _allowed_in_scp(statement: dict[str, Any]) -> bool:
    return statement.get("Effect") in ("Allow", "Deny") and _well_formed(statement)


def _allowed_in_rcp(statement: dict[str, Any]) -> bool:
    """Only AWS's own policy may allow, and a statement concerns every principal."""
    others = {name: value for name, value in statement.items() if name != "Principal"}
    denies = statement.get("Effect") == "Deny" and statement.get("Principal") == "*" and "NotAction" not in statement
    return denies and _well_formed(others)


def _well_formed(statement: dict[str, Any]) -> bool:
    return set(statement) <= _ELEMENTS and all(
        (element in statement) != (negation in statement) for element, negation in _PAIRS
    )


def _malformed() -> AwsError:
    message = "The provided policy document does not meet the requirements of the specified policy type."
    return AwsError("MalformedPolicyDocumentException", message)


CHECKS: Checks = {("organizations", "CreatePolicy"): _created, ("organizations", "UpdatePolicy"): _updated}
