"""Ways out of the organization: values of any property that lead to strangers, in every kind of stack."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.resource import StackContext
from policies.evaluation.values import PROSE
from policies.rule_list import RULES
from policies.security.inputs.known_types import KNOWN_TYPES
from policies.security.rules.organization.references import JUDGED
from settings.types.kinds import KINDS
from tests.policies.case import Situation
from tests.policies.checking import resource_of
from tests.policies.pack_process import running_pack
from tests.policies.planted.evasions import EVASIONS, STRANGERS
from tests.support.docs.known_types import classes_of_types

REFERENCES = Dispatcher([rule for rule in RULES if rule.id in {"OR-09", "OR-10", "OR-11", "OR-12", "OR-13"}])
EVADED = Dispatcher([rule for rule in RULES if rule.id in {rule for rule, _, _ in EVASIONS.values()}])
KIND_OF_ALL = (*KINDS, "team", "identity", "data-catalog", "dataset")


def refusing(type_: str, inputs: dict[str, Any], kind: str = "production", rules: Dispatcher = REFERENCES) -> set[str]:
    """Returns the rules that refuse a resource, in a preview that plinth runs or at the end of it."""
    context = StackContext(kind=kind, organization_accounts=(), allowed_regions=("eu-west-1",))
    resource = resource_of(type_, Situation(inputs=inputs, context=context))
    found = [*rules.findings(resource), *rules.stack_findings([resource])]
    return {finding.rule.id for finding in found if finding.level == "mandatory"}


@pytest.mark.threat("T-16")
@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_way_out_is_refused_in_every_kind_of_stack(evasion: str) -> None:
    rule, type_, inputs = EVASIONS[evasion]
    kinds = [
        kind for kind in KIND_OF_ALL if not type_.startswith("kubernetes:") or kind not in ("organization", "team")
    ]
    assert [kind for kind in kinds if rule not in refusing(type_, inputs, kind, EVADED)] == []


@pytest.mark.threat("T-16")
def test_the_process_of_the_pack_names_rule_resource_and_remedy_of_every_way_out() -> None:
    told = json.dumps({"id": "o-acme123456", "accounts": ["111111111111"]})
    with running_pack({"PLINTH_ORGANIZATION": told}) as pack:
        for evasion, (rule, type_, inputs) in EVASIONS.items():
            urn = f"urn:pulumi:fraud-production::plinth::{type_}::{evasion}"
            request = analyzer_pb2.AnalyzeRequest(type=type_, name=evasion, urn=urn)
            request.properties.update(inputs)
            if not type_.startswith("pulumi:"):
                request.provider.type, request.provider.name = f"pulumi:providers:{type_.partition(':')[0]}", "fraud"
            found = "\n".join(one.message for one in pack.Analyze(request).diagnostics)
            assert re.search(rf"^{rule} .+: {re.escape(evasion)} .+; .+", found, re.MULTILINE), found


def properties() -> Iterator[tuple[str, str]]:
    """Yields every property of every known type of the provider's SDK."""
    for type_, (module, name) in classes_of_types().items():
        if type_ in KNOWN_TYPES:
            made = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
            for parameter in inspect.signature(made._internal_init).parameters:
                if parameter not in ("__self__", "resource_name", "opts", "__props__"):
                    yield type_, re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), parameter)


def test_every_property_of_every_known_type_is_read_unless_it_is_prose_or_a_policy_document() -> None:
    """The bucket of a new bucket is the only other one: S3-11 requires the account in its name."""
    unread = {
        (type_, name)
        for type_, name in properties()
        for rule, value in STRANGERS.items()
        if rule not in refusing(type_, {name: value})
    }
    documents = {(type_, name) for type_, names in JUDGED.items() for name in names}
    assert {one for one in unread if one[1] not in PROSE} <= documents | {("aws:s3/bucket:Bucket", "bucket")}
    read = sum(1 for _ in properties()) - len(unread)
    assert read > 2_000
