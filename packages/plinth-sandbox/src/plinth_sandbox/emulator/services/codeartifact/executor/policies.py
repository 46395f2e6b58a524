"""Policies of domains and repositories, with their revisions.

Source: CodeArtifact API, PutDomainPermissionsPolicy and PutRepositoryPermissionsPolicy (read 2026-11-26).
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.preconditions.policy_documents import missing_principal, parsed, statements
from plinth_sandbox.emulator.services.codeartifact.executor.repositories import find_domain, owner_of, repository_of
from plinth_sandbox.emulator.store.record import Record

DOCUMENT, _REVISION = "policyDocument", "policyRevision"


def put(exchange: Exchange, _runtime: Runtime) -> Answer:
    """Sets the policy of the domain or repository of a call."""
    record, given = _resource(exchange), exchange.call.parameters
    document = parsed(given["policyDocument"])
    if document is None or not statements(document):
        raise AwsError("ValidationException", "The policy document is not valid.")
    if missing_principal(document) is not None:
        raise AwsError("ValidationException", "The policy document contains an invalid principal.")
    _require_revision(record, given)
    record.values |= {DOCUMENT: given["policyDocument"], _REVISION: mock_random.get_random_hex(44)}
    return exchange.call.reply({"policy": _described(record)})


def get(exchange: Exchange, _runtime: Runtime) -> Answer:
    """Returns the policy of the domain or repository of a call."""
    return exchange.call.reply({"policy": _described(_with_policy(exchange))})


def delete(exchange: Exchange, _runtime: Runtime) -> Answer:
    """Removes the policy of the domain or repository of a call."""
    record = _with_policy(exchange)
    _require_revision(record, exchange.call.parameters)
    removed = _described(record)
    del record.values[DOCUMENT], record.values[_REVISION]
    return exchange.call.reply({"policy": removed})


def _resource(exchange: Exchange) -> Record:
    given = exchange.call.parameters
    if "repository" in given:
        return repository_of(exchange)
    return find_domain(exchange.memory, owner_of(exchange), exchange.call.region, str(given["domain"]))


def _with_policy(exchange: Exchange) -> Record:
    record = _resource(exchange)
    if DOCUMENT not in record.values:
        raise AwsError("ResourceNotFoundException", f"No policy is attached to {record.arn}.")
    return record


def _require_revision(record: Record, given: dict[str, Any]) -> None:
    """Refuses a change of another revision than the one that the caller knows."""
    known = given.get(_REVISION)
    if known is not None and known != record.values.get(_REVISION):
        raise AwsError("ConflictException", "The policy has another revision.")


def _described(record: Record) -> dict[str, Any]:
    return {"resourceArn": record.arn, "revision": record.values[_REVISION], "document": record.values[DOCUMENT]}
