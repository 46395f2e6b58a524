"""Mutation tests: for every fault in the code of a rule, at least one test case fails."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from types import ModuleType

import pytest

from policies.evaluation import dispatch, stack
from policies.evaluation import policy_attachments as attachments
from policies.evaluation import policy_documents as documents
from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule
from policies.kubernetes.inputs import manifests, pods
from policies.rule_list import MODULES
from policies.security.inputs import pipelines
from policies.security.inputs import sagemaker_job as job
from tests.policies.case import ABSENT, Case, Change, Situation, paths
from tests.policies.cases.all import CASES, PROHIBITIONS, STACK_CASES
from tests.policies.checking import members_of, rehearsal_of, resource_of
from tests.policies.mutants import load, mutants

pytestmark = pytest.mark.nightly

READERS = [stack, documents, attachments, job, pipelines, manifests, pods]
"""Modules that rules use to read policies, jobs and pipelines. Each is listed after the modules that it imports."""


def expectations(case: Case) -> Iterable[tuple[Change, bool]]:
    """Yields changes to the compliant resource, and whether the rule must refuse the result."""
    yield Change(), False
    for change in case.refused.values():
        yield change, True
    for change in case.accepted.values():
        yield change, False
    for path in paths(case.compliant.inputs):
        yield Change({path: ABSENT}), path not in case.optional
        yield Change({path: UNKNOWN}), False


@cache
def expected() -> list[tuple[str, Resource, bool]]:
    """Returns rule, resource, and whether it must be refused. All faults share the resources."""
    return [
        (case.rule, resource_of(case.type, change.applied_to(case.compliant)), refused)
        for case in CASES
        for change, refused in expectations(case)
    ] + [(banned.rule, resource_of(banned.type, Situation(inputs={})), True) for banned in PROHIBITIONS]


@cache
def expected_of_stacks() -> list[tuple[str, list[Resource], list[Resource] | None, frozenset[str]]]:
    return [(case.rule, members_of(case), rehearsal_of(case), case.refused) for case in STACK_CASES]


def is_detected(rules: dict[str, Rule]) -> bool:
    """Whether a case fails or raises with these rules."""
    checks = {id_: Dispatcher([rule]) for id_, rule in rules.items()}
    try:
        return any(
            bool(list(checks[rule].findings(resource))) is not refused
            for rule, resource, refused in expected()
            if rule in checks
        ) or any(
            {finding.resource.name for finding in checks[rule].stack_findings(members, rehearsal)} != refused
            for rule, members, rehearsal, refused in expected_of_stacks()
            if rule in checks
        )
    except Exception:
        return True


def rules_of(*modules: ModuleType) -> dict[str, Rule]:
    return {rule.id: rule for module in modules for rule in module.RULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_cases_detect_every_fault_in_a_rule(module):
    assert not is_detected(rules_of(module))
    planted = list(mutants(module))
    undetected = [mutant.fault for mutant in planted if not is_detected(rules_of(mutant.module))]
    assert len(planted) >= 2 * len(module.RULES)
    assert undetected == []


@pytest.mark.parametrize("reader", READERS, ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_cases_detect_every_fault_in_a_reader(reader, monkeypatch):
    undetected = []
    for mutant in mutants(reader):
        monkeypatch.setitem(sys.modules, reader.__name__, mutant.module)
        monkeypatch.setattr(dispatch, "Stack", getattr(mutant.module, "Stack", stack.Stack))
        for later in READERS[READERS.index(reader) + 1 :]:
            monkeypatch.setitem(sys.modules, later.__name__, load(later))
        if not is_detected(rules_of(*map(load, MODULES))):
            undetected.append(mutant.fault)
    assert undetected == []
