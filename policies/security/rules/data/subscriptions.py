"""The rule about subscriptions of topics: they lead to people and resources of the organization."""

from __future__ import annotations

from policies.evaluation.policy_documents import account_in_arn
from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.security.rules.identity.stack_identities import unknown_accounts

SUBSCRIPTION = ("aws:sns/topicSubscription:TopicSubscription",)

_BY_MAIL = ("email", "email-json")
_TO_RESOURCES = ("firehose", "lambda", "sqs")


def leads_into_the_organization(resource: Resource) -> Violation | None:
    protocol, endpoint = resource.properties.text("protocol"), resource.properties.text("endpoint")
    if isinstance(protocol, Unknown):
        return None
    if protocol not in (*_BY_MAIL, *_TO_RESOURCES):
        return violation(
            "sends messages to an endpoint that no account has", fix="subscribe a queue, a function or an address"
        )
    if endpoint is None or isinstance(endpoint, Unknown):
        return None
    if protocol in _BY_MAIL:
        return _refuse(endpoint.rpartition("@")[2] not in resource.context.mail_domains)
    account = account_in_arn(endpoint)
    return _refuse(account is None or bool(unknown_accounts({account}, resource)))


def _refuse(is_stranger: bool) -> Violation | None:
    if not is_stranger:
        return None
    return violation(
        "sends messages to a stranger",
        fix="subscribe an address or a resource of the organization that the settings name",
    )


RULES = (
    Rule(
        id="SN-01",
        title="Topics send messages only to the organization",
        severity="high",
        sources=("data perimeter, untrusted endpoints", "SNS User Guide, subscription protocols"),
        remedy="Subscribe queues, functions and delivery streams of the own account or of accounts in the settings, "
        "and addresses whose domain an address in the settings has. HTTP endpoints, mobile devices and numbers receive "
        "nothing.",
        checks=for_each(SUBSCRIPTION, leads_into_the_organization),
    ),
)
