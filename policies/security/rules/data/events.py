"""Rules about events: what they start, where they end that start nothing, and whose a bus takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policies.security.inputs.policy_attachments import admissions
from policies.security.inputs.policy_documents import ORGANIZATION_KEYS, Statement, account_of, statements
from policies.security.inputs.readers import UNKNOWN, Unknown, lacks
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse

TARGET = ("aws:cloudwatch/eventTarget:EventTarget",)
BUS_POLICY = ("aws:cloudwatch/eventBusPolicy:EventBusPolicy",)
BUS = ("aws:cloudwatch/eventBus:EventBus",)
API_DESTINATION = ("aws:cloudwatch/eventApiDestination:EventApiDestination",)

_KEEPS_IT_ITSELF = re.compile(r"^arn:aws:(sqs|sns|logs):")
"""Targets that are the end of an event: they keep it, tell of it or write it down, by a policy of their own."""
_BY_THEIR_OWN_POLICY = re.compile(r"^arn:aws:(sqs|sns|logs|lambda):")


def starts_as_a_role_and_loses_nothing(subject: Subject) -> Verdict:
    arn = subject.properties.text("arn")
    if arn is None or isinstance(arn, Unknown):
        return None
    if not _BY_THEIR_OWN_POLICY.match(arn) and lacks(subject.properties.value("roleArn")):
        return refuse("is started in nobody's name", fix="set roleArn to a role that may start this and nothing else")
    if not _KEEPS_IT_ITSELF.match(arn) and lacks(subject.properties.value("deadLetterConfig", "arn")):
        return refuse("loses what it could not deliver", fix="set deadLetterConfig to a queue of the account")
    return None


def takes_events_of_one_account(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    return first(map(_lets_others_in, found or []))


def _lets_others_in(statement: Statement) -> Verdict:
    if not statement.allows:
        return None
    if statement.is_for_everybody or not statement.principals or not all(map(account_of, statement.principals)):
        return refuse("takes events of whoever sends them", fix="name the account whose rule sends them")
    if len(statement.accounts) > 1:
        return refuse("takes events of several accounts in one breath", fix="write a statement for each account")
    if statement.excludes or set(statement.actions) != {"events:putevents"}:
        return refuse("lets others do more than send", fix="allow events:PutEvents alone")
    if not statement.is_confined_by(ORGANIZATION_KEYS):
        return refuse("takes events of an account that may leave", fix="add a condition on aws:PrincipalOrgID")
    return None


def admit_whom_the_stack_sends_from(stack: Stack) -> Iterator[Judgement]:
    """Where a stack has both sides, the bus takes events of the account whose rule sends them, and of no other."""
    for policy in stack.of(BUS_POLICY):
        buses = [bus for bus in stack.of(BUS) if names(policy, "eventBusName", bus)]
        senders = [target for bus in buses for target in stack.naming(TARGET, "arn", bus)]
        sending = _accounts(senders)
        statements = admissions(policy)
        if sending and statements and {account for one in statements for account in one.accounts} != sending:
            yield policy, refuse("takes events of an account that sends none", fix="name the account of the rule")


def _accounts(subjects: Sequence[Subject]) -> set[str]:
    """Those that the resources land in; none while one is not known."""
    found: set[str] = set()
    for subject in subjects:
        known = UNKNOWN if subject.provider is None else subject.provider.account_ids
        if isinstance(known, Unknown):
            return set()
        found |= set(known)
    return found


def is_closed_and_encrypted(stack: Stack) -> Iterator[Judgement]:
    for bus in stack.of(BUS):
        if lacks(bus.properties.value("kmsKeyIdentifier")):
            yield bus, refuse("encrypts with the key of AWS", fix="set kmsKeyIdentifier to the environment's key")
        elif lacks(bus.properties.value("deadLetterConfig", "arn")):
            yield bus, refuse("loses what it cannot decrypt", fix="set deadLetterConfig to a queue of the account")
        elif not stack.naming(BUS_POLICY, "eventBusName", bus):
            yield bus, refuse("does not say whose events it takes", fix="give it a policy that names one account")


def leaves_the_organization(subject: Subject) -> Verdict:
    return refuse(f"sends events to whoever is behind an address ({subject.type})", fix="remove it; use a bus or queue")


RULES = (
    Rule(
        id="EB-01",
        title="Buses are encrypted and take events by a policy, and no event leaves by an address",
        severity="high",
        sources=("FSBP EventBridge.3", "data perimeter, untrusted endpoints"),
        remedy="Give the bus the environment's key, a dead-letter queue and a policy; send events to resources of the "
        "organization.",
        judges=for_each(API_DESTINATION, leaves_the_organization),
        relations=(Relation((*BUS, *BUS_POLICY), is_closed_and_encrypted),),
    ),
    Rule(
        id="ST-11",
        title="Events start things as a role, are not lost, and come from one account",
        severity="high",
        sources=("INT-05", "INT-09", "EventBridge User Guide, resource-based policies"),
        remedy="Give each target a role and a dead-letter queue; name on the bus the one account whose rule sends.",
        judges=for_each(TARGET, starts_as_a_role_and_loses_nothing) | for_each(BUS_POLICY, takes_events_of_one_account),
        relations=(Relation((*TARGET, *BUS, *BUS_POLICY), admit_whom_the_stack_sends_from),),
    ),
)
