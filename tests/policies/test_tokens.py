"""Each token of a rule that a token case names decides about its resource, and is known to AWS."""

from __future__ import annotations

from policies.rule_list import RULES
from settings.types.kinds import KINDS
from tests.policies.tokens import identities, levels, stacks, stores
from tests.policies.tokens.all import token_cases
from tests.support.service_authorization import actions

RULE = {rule.id: rule for rule in RULES}


def test_every_token_decides_about_its_case():
    wrong = [f"{case.rule}: {case.token}" for case in token_cases() if not case.is_as_expected(RULE[case.rule])]
    assert wrong == []


def test_the_actions_of_token_cases_exist_at_aws():
    listed = {*identities.ACTIONS, *stores.ACTIONS, *stacks.ACTIONS}
    assert {action for action in listed if [known.name for known in actions(action)] != [action]} == set()


def test_no_other_rule_only_advises():
    found = {kind: {rule.id for rule in RULES if rule.level_in(kind) == "advisory"} for kind in KINDS}
    assert {kind: ids for kind, ids in found.items() if ids} == {
        kind: set(ids) for kind, ids in levels.ADVISORY.items()
    }
