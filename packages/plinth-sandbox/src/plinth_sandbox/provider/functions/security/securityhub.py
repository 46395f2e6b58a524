"""Security Hub configuration policies, which are a union in AWS's model, and their three kinds of targets."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.errors import AwsError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_CONTROLS = {
    "disabledControlIdentifiers": "DisabledSecurityControlIdentifiers",
    "enabledControlIdentifiers": "EnabledSecurityControlIdentifiers",
}


def create_policy(caller: Caller, known: Properties) -> Properties:
    """Creates a policy. AWS returns its id."""
    return {"id": caller.aws("create_configuration_policy", **_request(known))["Id"]}


def update_policy(caller: Caller, known: Properties) -> None:
    """Replaces the whole policy."""
    caller.aws("update_configuration_policy", Identifier=known["id"], **_request(known))


def read_policy(caller: Caller, known: Properties) -> Properties:
    """Returns the policy."""
    found = caller.aws("get_configuration_policy", Identifier=known["id"])
    body = found["ConfigurationPolicy"]["SecurityHub"]
    controls = body.get("SecurityControlsConfiguration") or {}
    given = {name: controls[member] for name, member in _CONTROLS.items() if member in controls}
    policy: Properties = {"serviceEnabled": body["ServiceEnabled"]}
    if body.get("EnabledStandardIdentifiers"):
        policy["enabledStandardArns"] = body["EnabledStandardIdentifiers"]
    if given:
        policy["securityControlsConfiguration"] = given
    return {
        "arn": found["Arn"],
        "name": found["Name"],
        "description": found.get("Description") or None,
        "configurationPolicy": policy,
    }


def _request(known: Properties) -> dict[str, Any]:
    policy = known["configurationPolicy"]
    body: dict[str, Any] = {"ServiceEnabled": policy["serviceEnabled"]}
    if policy.get("enabledStandardArns"):
        body["EnabledStandardIdentifiers"] = policy["enabledStandardArns"]
    if controls := policy.get("securityControlsConfiguration"):
        body["SecurityControlsConfiguration"] = {
            member: controls[name] for name, member in _CONTROLS.items() if controls.get(name) is not None
        }
    request: dict[str, Any] = {"Name": known["name"], "ConfigurationPolicy": {"SecurityHub": body}}
    if known.get("description"):
        request["Description"] = known["description"]
    return request


def associate(caller: Caller, known: Properties) -> None:
    """Associates a policy with the root, a unit or an account, and replaces an existing association."""
    caller.aws(
        "start_configuration_policy_association",
        ConfigurationPolicyIdentifier=known["policyId"],
        Target=_target(known["targetId"]),
    )


def disassociate(caller: Caller, known: Properties) -> None:
    """Deletes the association."""
    caller.aws(
        "start_configuration_policy_disassociation",
        ConfigurationPolicyIdentifier=known["policyId"],
        Target=_target(known["targetId"]),
    )


def read_association(caller: Caller, known: Properties) -> Properties | None:
    """Returns the association of a target, or None if the target has no policy of its own."""
    target = known.get("targetId") or known["id"]
    try:
        found = caller.aws("get_configuration_policy_association", Target=_target(target))
    except AwsError as error:
        if error.means_absent():
            return None
        raise
    return {"policyId": found["ConfigurationPolicyId"], "targetId": target}


def _target(identifier: str) -> dict[str, str]:
    if identifier.startswith("r-"):
        return {"RootId": identifier}
    if identifier.startswith("ou-"):
        return {"OrganizationalUnitId": identifier}
    return {"AccountId": identifier}
