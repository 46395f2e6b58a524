"""Evaluates requests against one guardrail statement, as AWS does."""

from __future__ import annotations

import json

from components.organization.policy_limits import document
from iam_evaluator.matching import applies, matching_statements
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from tests.unit.components.guardrails.cases.all import STATEMENTS
from tests.unit.components.guardrails.cases.requests import ORGANIZATION, OTHER, GuardrailRequest


def account(account_id: str, path: str | None = None) -> Account:
    ours = account_id not in (OTHER, "888888888888")
    return Account(id=account_id, organization_id=ORGANIZATION if ours else None, path=path)


def principal(asked: GuardrailRequest) -> Principal:
    if asked.who.endswith(".amazonaws.com"):
        return Principal(name=asked.who, service=asked.who)
    return Principal(
        name=asked.who,
        account=account(asked.caller, asked.path),
        role_arn=f"arn:aws:iam::{asked.caller}:{asked.who}",
        tags=asked.tags,
    )


def request(asked: GuardrailRequest) -> Request:
    values = {key: [value] if isinstance(value, str) else list(value) for key, value in asked.keys.items()}
    return Request(
        principal=principal(asked),
        action=asked.action,
        resource=Resource(arn=asked.on, account=account(asked.owner)),
        region=asked.region,
        source_ip=asked.source_ip,
        extra=values,
    )


def is_denied(sid: str, asked: GuardrailRequest) -> bool:
    policy = Policy.parse(sid, json.dumps(document([STATEMENTS[sid]])))
    made = request(asked)
    return any(applies(found, made) for found in matching_statements(policy, "Deny", made, made.context()))
