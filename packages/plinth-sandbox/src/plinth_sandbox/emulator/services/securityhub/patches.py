"""Security Hub: hub settings, central configuration, standards and aggregation, most of which moto lacks."""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random
from moto.securityhub.models import securityhub_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now


def _notes(exchange: Exchange, topic: str) -> dict[str, Any]:
    return exchange.memory.notes("securityhub", topic, exchange.call.account, exchange.call.region)


def _absent(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{what} does not exist.")


def _enable(exchange: Exchange) -> Answer:
    """Enables the hub. Refuses an account that has one (Security Hub API Reference, ``EnableSecurityHub``)."""
    if securityhub_backends[exchange.call.account][exchange.call.region].enabled:
        raise AwsError("ResourceConflictException", "Account is already subscribed to Security Hub")
    answer = exchange.below()
    if answer.succeeded:
        generator = exchange.call.parameters.get("ControlFindingGenerator", "SECURITY_CONTROL")
        _notes(exchange, "hub").update(AutoEnableControls=True, ControlFindingGenerator=generator)
    return answer


def _change(exchange: Exchange) -> Answer:
    _notes(exchange, "hub").update(exchange.call.parameters)
    return exchange.call.reply({})


def _describe(exchange: Exchange) -> Answer:
    """Describes the hub. One that a delegation enabled has AWS's default settings."""
    initially = {"AutoEnableControls": True, "ControlFindingGenerator": "SECURITY_CONTROL"}
    return exchange.amend(lambda result: result.update(initially | _notes(exchange, "hub")))


def _configure_organization(exchange: Exchange) -> Answer:
    """Configures the organization. moto requires a status in the request, which AWS sets itself."""
    parameters = exchange.call.parameters
    given = {"AutoEnable": parameters["AutoEnable"]}
    given["AutoEnableStandards"] = parameters.get("AutoEnableStandards", "DEFAULT")
    how = parameters.get("OrganizationConfiguration", {}).get("ConfigurationType", "LOCAL")
    if how == "CENTRAL" and (given["AutoEnable"] or given["AutoEnableStandards"] != "NONE"):
        message = "Central configuration enables nothing by itself: AutoEnable is false and AutoEnableStandards NONE."
        raise AwsError("InvalidInputException", message)
    given["OrganizationConfiguration"] = {"ConfigurationType": how, "Status": "ENABLED"}
    _notes(exchange, "organization").update(given)
    return exchange.call.reply({})


def _describe_organization(exchange: Exchange) -> Answer:
    initially = {
        "AutoEnable": False,
        "AutoEnableStandards": "DEFAULT",
        "OrganizationConfiguration": {"ConfigurationType": "LOCAL", "Status": "ENABLED"},
    }
    return exchange.call.reply({"MemberAccountLimitReached": False} | initially | _notes(exchange, "organization"))


def _create_policy(exchange: Exchange) -> Answer:
    call = exchange.call
    identifier = str(mock_random.uuid4())
    arn = f"arn:aws:securityhub:{call.region}:{call.account}:configuration-policy/{identifier}"
    kept = {"Arn": arn, "Id": identifier, "CreatedAt": now(), "UpdatedAt": now(), **call.parameters}
    kept.pop("Tags", None)
    _notes(exchange, "policies")[identifier] = kept
    return call.reply(kept)


def _policy(exchange: Exchange) -> dict[str, Any]:
    identifier = str(exchange.call.parameters["Identifier"]).rpartition("/")[2]
    policies = _notes(exchange, "policies")
    if identifier not in policies:
        raise _absent(f"Configuration policy {identifier}")
    return dict(policies[identifier])


def _policies(exchange: Exchange) -> Answer:
    summaries = [
        {member: kept.get(member) for member in ("Arn", "Id", "Name", "Description", "UpdatedAt")}
        for kept in _notes(exchange, "policies").values()
    ]
    return exchange.call.reply({"ConfigurationPolicySummaries": summaries})


def _update_policy(exchange: Exchange) -> Answer:
    kept = _policy(exchange) | exchange.call.parameters | {"UpdatedAt": now()}
    kept.pop("Identifier", None)
    _notes(exchange, "policies")[kept["Id"]] = kept
    return exchange.call.reply(kept)


def _delete_policy(exchange: Exchange) -> Answer:
    identifier = _policy(exchange)["Id"]
    if identifier in _notes(exchange, "associations").values():
        raise AwsError("ResourceConflictException", f"Configuration policy {identifier} is associated with a target.")
    del _notes(exchange, "policies")[identifier]
    return exchange.call.reply({})


def _target(exchange: Exchange) -> str:
    (identifier,) = exchange.call.parameters["Target"].values()
    return str(identifier)


def _associate(exchange: Exchange) -> Answer:
    policy = exchange.call.parameters["ConfigurationPolicyIdentifier"]
    if policy not in _notes(exchange, "policies"):
        raise _absent(f"Configuration policy {policy}")
    _notes(exchange, "associations")[_target(exchange)] = policy
    return _association(exchange)


def _association(exchange: Exchange) -> Answer:
    target, associations = _target(exchange), _notes(exchange, "associations")
    if target not in associations:
        raise _absent(f"A configuration policy of {target}")
    shown = {"ConfigurationPolicyId": associations[target], "TargetId": target, "AssociationStatus": "SUCCESS"}
    return exchange.call.reply(shown | {"AssociationType": "APPLIED"})


def _disassociate(exchange: Exchange) -> Answer:
    if _notes(exchange, "associations").pop(_target(exchange), None) is None:
        raise _absent(f"A configuration policy of {_target(exchange)}")
    return exchange.call.reply({})


def _enable_standards(exchange: Exchange) -> Answer:
    call, enabled = exchange.call, _notes(exchange, "standards")
    subscribed = []
    for request in call.parameters["StandardsSubscriptionRequests"]:
        path = request["StandardsArn"].partition(":standards/")[2] or request["StandardsArn"].partition("ruleset/")[2]
        arn = f"arn:aws:securityhub:{call.region}:{call.account}:subscription/{path}"
        enabled[arn] = {
            "StandardsSubscriptionArn": arn,
            "StandardsArn": request["StandardsArn"],
            "StandardsInput": {},
            "StandardsStatus": "READY",
        }
        subscribed.append(enabled[arn])
    return call.reply({"StandardsSubscriptions": subscribed})


def _enabled_standards(exchange: Exchange) -> Answer:
    enabled = _notes(exchange, "standards")
    asked = exchange.call.parameters.get("StandardsSubscriptionArns") or list(enabled)
    return exchange.call.reply({"StandardsSubscriptions": [enabled[arn] for arn in asked if arn in enabled]})


def _disable_standards(exchange: Exchange) -> Answer:
    enabled = _notes(exchange, "standards")
    asked = exchange.call.parameters["StandardsSubscriptionArns"]
    return exchange.call.reply({"StandardsSubscriptions": [enabled.pop(arn) for arn in asked if arn in enabled]})


PATCHES: Patches = {
    "BatchDisableStandards": _disable_standards,
    "BatchEnableStandards": _enable_standards,
    "CreateConfigurationPolicy": _create_policy,
    "DeleteConfigurationPolicy": _delete_policy,
    "DescribeHub": _describe,
    "DescribeOrganizationConfiguration": _describe_organization,
    "EnableSecurityHub": _enable,
    "GetConfigurationPolicy": lambda exchange: exchange.call.reply(_policy(exchange)),
    "GetConfigurationPolicyAssociation": _association,
    "GetEnabledStandards": _enabled_standards,
    "ListConfigurationPolicies": _policies,
    "StartConfigurationPolicyAssociation": _associate,
    "StartConfigurationPolicyDisassociation": _disassociate,
    "UpdateConfigurationPolicy": _update_policy,
    "UpdateOrganizationConfiguration": _configure_organization,
    "UpdateSecurityHubConfiguration": _change,
}
