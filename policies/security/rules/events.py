"""Rules about events: what they start, where they end that start nothing, and whose a bus takes."""

from __future__ import annotations

import re

from policies.security.documents import ORGANIZATION_KEYS, Statement, account_of, statements
from policies.security.readers import Unknown, lacks
from policies.security.rule import Rule, Verdict, first, for_each, refuse
from policies.security.subject import Subject

TARGET = ("aws:cloudwatch/eventTarget:EventTarget",)
BUS_POLICY = ("aws:cloudwatch/eventBusPolicy:EventBusPolicy",)

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


RULES = (
    Rule(
        id="ST-11",
        title="Events start things as a role, are not lost, and come from one account",
        severity="high",
        sources=("INT-05", "INT-09", "EventBridge User Guide, resource-based policies"),
        remedy="Give each target a role and a dead-letter queue; name on the bus the one account whose rule sends.",
        judges=for_each(TARGET, starts_as_a_role_and_loses_nothing) | for_each(BUS_POLICY, takes_events_of_one_account),
    ),
)
