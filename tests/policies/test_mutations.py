"""Every fault planted in a rule is noticed by a case."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from types import ModuleType

import pytest

from policies.security import dispatch
from policies.security.dispatch import Dispatcher
from policies.security.inputs import pipelines, stack
from policies.security.inputs import policy_attachments as holders
from policies.security.inputs import policy_documents as documents
from policies.security.inputs import sagemaker_job as job
from policies.security.inputs.readers import UNKNOWN
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule
from policies.security.rule_list import MODULES
from tests.policies.case import ABSENT, Case, Change, Situation, paths
from tests.policies.cases.all import CASES, PROHIBITIONS, RELATIONS
from tests.policies.judgement import members_of, rehearsal_of, resource_of
from tests.policies.mutants import load, mutants

SUPPORT = [stack, documents, holders, job, pipelines]
"""What the rules read policies, jobs and pipelines with, each after those that it imports."""


def expectations(case: Case) -> Iterable[tuple[Change, bool]]:
    """What may become of the compliant resource, and whether it is refused then."""
    yield Change(), False
    for change in case.refused.values():
        yield change, True
    for change in case.accepted.values():
        yield change, False
    for path in paths(case.compliant.inputs):
        yield Change({path: ABSENT}), path not in case.optional
        yield Change({path: UNKNOWN}), False


@cache
def expected() -> list[tuple[str, Subject, bool]]:
    """Rule, resource, and whether it is refused: the same resources for every fault, so read once."""
    return [
        (case.rule, resource_of(case.type, change.applied_to(case.compliant)), refused)
        for case in CASES
        for change, refused in expectations(case)
    ] + [(banned.rule, resource_of(banned.type, Situation(inputs={})), True) for banned in PROHIBITIONS]


@cache
def expected_together() -> list[tuple[str, list[Subject], list[Subject] | None, frozenset[str]]]:
    return [(case.rule, members_of(case), rehearsal_of(case), case.refused) for case in RELATIONS]


def is_noticed(rules: dict[str, Rule]) -> bool:
    """Whether some case fails with these rules, or cannot even be judged."""
    judges = {id_: Dispatcher([rule]) for id_, rule in rules.items()}
    try:
        return any(
            bool(list(judges[rule].findings(resource))) is not refused
            for rule, resource, refused in expected()
            if rule in judges
        ) or any(
            {finding.subject.name for finding in judges[rule].findings_together(members, rehearsal)} != refused
            for rule, members, rehearsal, refused in expected_together()
            if rule in judges
        )
    except Exception:
        return True


def rules_of(*modules: ModuleType) -> dict[str, Rule]:
    return {rule.id: rule for module in modules for rule in module.RULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_no_fault_in_a_rule_goes_unnoticed(module):
    assert not is_noticed(rules_of(module))
    planted = list(mutants(module))
    unnoticed = [mutant.fault for mutant in planted if not is_noticed(rules_of(mutant.module))]
    assert len(planted) >= 2 * len(module.RULES)
    assert unnoticed == []


@pytest.mark.parametrize("support", SUPPORT, ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_no_fault_in_what_the_rules_read_with_goes_unnoticed(support, monkeypatch):
    unnoticed = []
    for mutant in mutants(support):
        monkeypatch.setitem(sys.modules, support.__name__, mutant.module)
        monkeypatch.setattr(dispatch, "Stack", getattr(mutant.module, "Stack", stack.Stack))
        for later in SUPPORT[SUPPORT.index(support) + 1 :]:
            monkeypatch.setitem(sys.modules, later.__name__, load(later))
        if not is_noticed(rules_of(*map(load, MODULES))):
            unnoticed.append(mutant.fault)
    assert unnoticed == []
