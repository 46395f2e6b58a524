"""Ways out of the organization: values of any property that lead to strangers, in every kind of stack."""

from __future__ import annotations

import json
import re

import pytest
from pulumi.runtime.proto import analyzer_pb2

from policies.evaluation.dispatch import Dispatcher
from policies.rule_list import RULES
from settings.types.kinds import KINDS
from tests.policies.pack_process import running_pack
from tests.policies.planted.evasions import EVASIONS
from tests.policies.read_properties import PAGE, page, refusing, ways

EVADED = Dispatcher([rule for rule in RULES if rule.id in {rule for rule, _, _ in EVASIONS.values()}])
KIND_OF_ALL = (*KINDS, "team", "identity", "data-catalog", "dataset")


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
            # Powers that an admission policy may limit are judged with the whole stack.
            resource = analyzer_pb2.AnalyzerResource(
                type=type_, name=evasion, urn=urn, properties=request.properties, provider=request.provider
            )
            stack = analyzer_pb2.AnalyzeStackRequest(resources=[resource])
            said = (*pack.Analyze(request).diagnostics, *pack.AnalyzeStack(stack).diagnostics)
            found = "\n".join(diagnostic.message for diagnostic in said)
            assert re.search(rf"^{rule} .+: {re.escape(evasion)} .+; .+", found, re.MULTILINE), found


def test_every_property_of_every_known_type_is_read_unless_it_is_prose_or_a_policy_document() -> None:
    found = ways()
    assert {type_: read for type_, read in found.items() if "not read" in read} == {}
    assert PAGE.read_text(encoding="utf-8") == page(found), "run `make reference`"
