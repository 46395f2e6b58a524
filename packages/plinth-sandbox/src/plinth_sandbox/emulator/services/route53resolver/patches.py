"""Route 53 Resolver DNS Firewall: domains, rules and settings, which the fallback store cannot derive from the
model."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record


def _holder(exchange: Exchange, noun: str) -> Record:
    """Returns the domain list or rule group that the call names."""
    call = exchange.call
    member = f"{noun}Id"
    record = exchange.kept(noun, {member: call.parameters[member]})
    if record is None:
        raise AwsError("ResourceNotFoundException", f"{noun} {call.parameters[member]} does not exist.")
    return record


def _update_domains(exchange: Exchange) -> Answer:
    record, parameters = _holder(exchange, "FirewallDomainList"), exchange.call.parameters
    given = [_absolute(domain) for domain in parameters["Domains"]]
    present = record.values.get("Domains", [])
    domains = {
        "REPLACE": given,
        "ADD": [*present, *(domain for domain in given if domain not in present)],
        "REMOVE": [domain for domain in present if domain not in given],
    }[parameters["Operation"]]
    record.values |= {"Domains": domains, "DomainCount": len(domains)}
    return exchange.call.reply(
        {"Id": parameters["FirewallDomainListId"], "Name": record.values["Name"], "Status": "COMPLETE"}
    )


def _absolute(domain: str) -> str:
    """Returns the name with a trailing dot, as AWS does."""
    return domain if domain.endswith(".") else f"{domain}."


def _list_domains(exchange: Exchange) -> Answer:
    record = _holder(exchange, "FirewallDomainList")
    return exchange.call.reply({"Domains": record.values.get("Domains", [])})


def _rules(exchange: Exchange) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = _holder(exchange, "FirewallRuleGroup").values.setdefault("Rules", [])
    return rules


def _create_rule(exchange: Exchange) -> Answer:
    rules, parameters = _rules(exchange), exchange.call.parameters
    if any(rule["Priority"] == parameters["Priority"] for rule in rules):
        raise AwsError(
            "ValidationException", f"Priority {parameters['Priority']} is taken by another rule of the group."
        )
    rule = {"FirewallDomainRedirectionAction": "INSPECT_REDIRECTION_DOMAIN", **parameters}
    rules.append(rule)
    return exchange.call.reply({"FirewallRule": rule})


def _rule(exchange: Exchange) -> dict[str, Any]:
    wanted = exchange.call.parameters.get("FirewallDomainListId")
    for rule in _rules(exchange):
        if rule.get("FirewallDomainListId") == wanted:
            return rule
    raise AwsError("ResourceNotFoundException", f"The group has no rule with the domain list {wanted}.")


def _list_rules(exchange: Exchange) -> Answer:
    return exchange.call.reply({"FirewallRules": _rules(exchange)})


def _update_rule(exchange: Exchange) -> Answer:
    rule = _rule(exchange)
    rule |= exchange.call.parameters
    return exchange.call.reply({"FirewallRule": rule})


def _delete_rule(exchange: Exchange) -> Answer:
    rule = _rule(exchange)
    _rules(exchange).remove(rule)
    return exchange.call.reply({"FirewallRule": rule})


def _settings(call: Call, exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes(call.service, call.account, call.region, "firewall settings")


def _setting(exchange: Exchange) -> dict[str, Any]:
    """Returns the setting of a VPC. Every VPC has one, which fails closed until it is changed."""
    call, vpc = exchange.call, exchange.call.parameters["ResourceId"]
    unset = {
        "Id": f"rslvr-fc-{vpc.removeprefix('vpc-')}",
        "OwnerId": call.account,
        "ResourceId": vpc,
        "FirewallFailOpen": "DISABLED",
    }
    setting: dict[str, Any] = _settings(call, exchange).setdefault(vpc, unset)
    return setting


def _get_setting(exchange: Exchange) -> Answer:
    return exchange.call.reply({"FirewallConfig": _setting(exchange)})


def _update_setting(exchange: Exchange) -> Answer:
    setting = _setting(exchange)
    setting["FirewallFailOpen"] = exchange.call.parameters["FirewallFailOpen"]
    return exchange.call.reply({"FirewallConfig": setting})


def _list_settings(exchange: Exchange) -> Answer:
    return exchange.call.reply({"FirewallConfigs": list(_settings(exchange.call, exchange).values())})


PATCHES: Patches = {
    "CreateFirewallRule": _create_rule,
    "DeleteFirewallRule": _delete_rule,
    "GetFirewallConfig": _get_setting,
    "ListFirewallConfigs": _list_settings,
    "ListFirewallDomains": _list_domains,
    "ListFirewallRules": _list_rules,
    "UpdateFirewallConfig": _update_setting,
    "UpdateFirewallDomains": _update_domains,
    "UpdateFirewallRule": _update_rule,
}
