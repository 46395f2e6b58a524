"""Rules about EventBridge: the roles of targets, dead-letter queues, and the accounts that may send to a bus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.evaluation.policy_attachments import resource_grants
from policies.evaluation.policy_documents import ORGANIZATION_KEYS, Statement, account_of, statements
from policies.evaluation.readers import UNKNOWN, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack, refers_to

TARGET = ("aws:cloudwatch/eventTarget:EventTarget",)
BUS_POLICY = ("aws:cloudwatch/eventBusPolicy:EventBusPolicy",)
BUS = ("aws:cloudwatch/eventBus:EventBus",)
API_DESTINATION = ("aws:cloudwatch/eventApiDestination:EventApiDestination",)

_NEEDS_NO_DEAD_LETTER_QUEUE = re.compile(r"^arn:aws:(sqs|sns|logs):")
"""Targets that store or forward the event themselves and so need no dead-letter queue: queues, topics, log groups."""
_NEEDS_NO_ROLE = re.compile(r"^arn:aws:(sqs|sns|logs|lambda):")


def target_has_role_and_dead_letter_queue(resource: Resource) -> Violation | None:
    arn = resource.properties.text("arn")
    if arn is None or isinstance(arn, Unknown):
        return None
    if not _NEEDS_NO_ROLE.match(arn) and is_missing(resource.properties.value("roleArn")):
        return violation("has no role", fix="set roleArn to a role that may start this target and nothing else")
    if not _NEEDS_NO_DEAD_LETTER_QUEUE.match(arn) and is_missing(resource.properties.value("deadLetterConfig", "arn")):
        return violation("loses events that cannot be delivered", fix="set deadLetterConfig to a queue in this account")
    return None


def accepts_one_account(resource: Resource) -> Violation | None:
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    return first(map(_accepts_too_much, found or []))


def _accepts_too_much(statement: Statement) -> Violation | None:
    if not statement.allows:
        return None
    if statement.is_for_everybody or not statement.principals or not all(map(account_of, statement.principals)):
        return violation("accepts events from any sender", fix="name the account whose rule sends them")
    if len(statement.accounts) > 1:
        return violation("accepts several accounts in one statement", fix="write one statement for each account")
    if statement.excludes or set(statement.actions) != {"events:putevents"}:
        return violation("allows other accounts more than sending events", fix="allow only events:PutEvents")
    if not statement.is_confined_by(ORGANIZATION_KEYS):
        return violation(
            "accepts an account that may leave the organization", fix="add a condition on aws:PrincipalOrgID"
        )
    return None


def policies_name_the_sending_accounts(stack: Stack) -> Iterator[CheckResult]:
    """Checks a bus whose senders are in the same stack: its policy names exactly the accounts of those senders."""
    for policy in stack.of(BUS_POLICY):
        buses = [bus for bus in stack.of(BUS) if refers_to(policy, "eventBusName", bus)]
        senders = [target for bus in buses for target in stack.referring(TARGET, "arn", bus)]
        sending = _accounts(senders)
        statements = resource_grants(policy)
        if (
            sending
            and statements
            and {account for statement in statements for account in statement.accounts} != sending
        ):
            yield (
                policy,
                violation("accepts events from an account that sends none", fix="name the account of the rule"),
            )


def _accounts(resources: Sequence[Resource]) -> set[str]:
    """Returns the accounts that the resources are created in, or nothing if any of them is unknown."""
    found: set[str] = set()
    for resource in resources:
        known = UNKNOWN if resource.provider is None else resource.provider.account_ids
        if isinstance(known, Unknown):
            return set()
        found |= set(known)
    return found


def buses_are_restricted_and_encrypted(stack: Stack) -> Iterator[CheckResult]:
    for bus in stack.of(BUS):
        if is_missing(bus.properties.value("kmsKeyIdentifier")):
            yield (
                bus,
                violation("is encrypted with an AWS owned key", fix="set kmsKeyIdentifier to the environment's key"),
            )
        elif is_missing(bus.properties.value("deadLetterConfig", "arn")):
            yield (
                bus,
                violation("loses events that it cannot decrypt", fix="set deadLetterConfig to a queue in this account"),
            )
        elif not stack.referring(BUS_POLICY, "eventBusName", bus):
            yield bus, violation("has no policy", fix="add a policy that names the one account that sends events")


def api_destination_is_forbidden(resource: Resource) -> Violation | None:
    return violation(f"sends events to an HTTP endpoint ({resource.type})", fix="remove it; use a bus or queue")


RULES = (
    Rule(
        id="EB-01",
        title="Event buses are encrypted and have a policy, and no event is sent to an HTTP endpoint",
        severity="high",
        sources=("FSBP EventBridge.3", "data perimeter, untrusted endpoints"),
        remedy="Give the bus the environment's key, a dead-letter queue and a policy. Send events only to resources "
        "of the organization.",
        checks=for_each(API_DESTINATION, api_destination_is_forbidden),
        stack_checks=(StackCheck((*BUS, *BUS_POLICY), buses_are_restricted_and_encrypted),),
    ),
    Rule(
        id="ST-11",
        title="Event targets have a role and a dead-letter queue, and buses accept one account per statement",
        severity="high",
        sources=("INT-05", "INT-09", "EventBridge User Guide, resource-based policies"),
        remedy="Give each target a role and a dead-letter queue. In the bus policy, name the one account whose rule "
        "sends the events.",
        checks=for_each(TARGET, target_has_role_and_dead_letter_queue) | for_each(BUS_POLICY, accepts_one_account),
        stack_checks=(StackCheck((*TARGET, *BUS, *BUS_POLICY), policies_name_the_sending_accounts),),
    ),
)
