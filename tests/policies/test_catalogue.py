"""The rules as a whole: what a reader, the engine and the reference page are told about them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pulumi
import pulumi_policy
import pytest

from policies.security.pack import policies
from policies.security.reference_page import PAGE, page
from policies.security.rule import EVERY_AWS_RESOURCE, Rule
from policies.security.rule_list import RULES
from settings.types.kinds import KINDS

MODULES = {"lambda": "lambda_"}
"""Modules of the provider whose name Python keeps for itself."""

BEYOND_DEVELOPMENT = ("SM-12",)
"""Rules about what has been made in development, and so hold where it arrives."""
IN_SERVICE = ("SM-14", "SM-16", "SM-17", "ST-08")
"""Rules about what an endpoint costs so that it stays up and is watched, for as long as somebody relies on it."""


def test_the_reference_page_is_that_of_the_rules():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m policies.security.reference_page"


def test_ids_are_unique():
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_after_and_what_to_do(rule):
    assert rule.title
    assert rule.sources
    assert rule.remedy.endswith(".")
    assert rule.judges or rule.relations


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_about_types_that_the_provider_knows(rule):
    """A misspelt type would be judged by nobody."""
    assert {type_ for type_ in types_of(rule) if type_.startswith("aws:") and not exists(type_)} == set()


def types_of(rule: Rule) -> set[str]:
    return {*rule.judges, *(type_ for relation in rule.relations for type_ in relation.types)} - {EVERY_AWS_RESOURCE}


def exists(type_: str) -> bool:
    """Whether the provider's SDK makes resources of the type; an alias of one counts."""
    module, _, name = type_.removeprefix("aws:").partition("/")
    _, _, class_name = name.partition(":")
    made = getattr(importlib.import_module(f"pulumi_aws.{MODULES.get(module, module)}"), class_name, None)
    return isinstance(made, type) and issubclass(made, pulumi.CustomResource)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_relaxed_only_in_kinds_that_exist_and_never_in_production(rule):
    assert set(rule.exceptions) <= set(KINDS)
    assert rule.level_in("production") == "mandatory"


@pytest.mark.requirement("DEV-07")
@pytest.mark.parametrize("kind", ["development", "preproduction"])
def test_development_and_preproduction_are_held_to_the_rules_of_production(kind):
    held = [rule for rule in RULES if rule.id not in (*BEYOND_DEVELOPMENT, *IN_SERVICE)]
    assert {rule.id: rule.level_in(kind) for rule in held} == {rule.id: "mandatory" for rule in held}


def test_what_development_makes_is_judged_where_it_arrives():
    arrives = dict.fromkeys(KINDS, "off") | {"preproduction": "mandatory", "production": "mandatory"}
    beyond = [rule for rule in RULES if rule.id in BEYOND_DEVELOPMENT]
    assert [{kind: rule.level_in(kind) for kind in KINDS} for rule in beyond] == [arrives] * len(BEYOND_DEVELOPMENT)


def test_how_production_serves_is_advice_in_preproduction_and_nothing_elsewhere():
    of_kinds = {rule.id: {kind: rule.level_in(kind) for kind in KINDS} for rule in RULES if rule.id in IN_SERVICE}
    off = dict.fromkeys(KINDS, "off") | {"production": "mandatory"}
    advised = dict.fromkeys(("SM-14", "SM-16", "SM-17"), off | {"preproduction": "advisory"})
    assert of_kinds == {"ST-08": off, **advised}


def test_every_policy_has_a_level_of_its_own_and_every_mandatory_one_a_severity():
    made = {policy.name: policy for policy in policies()}
    advice = [made.pop(name) for name in list(made) if name.startswith("advice")]
    assert {policy.enforcement_level for policy in advice} == {pulumi_policy.EnforcementLevel.ADVISORY}
    assert {policy.enforcement_level for policy in made.values()} == {pulumi_policy.EnforcementLevel.MANDATORY}
    of_resources = {f"{rule.severity}-rules": rule.severity for rule in RULES}
    of_stacks = {f"{rule.severity}-relations": rule.severity for rule in RULES if rule.relations}
    assert {name: policy.severity.value for name, policy in made.items()} == of_resources | of_stacks


def test_the_rules_can_be_read_without_starting_an_engine():
    program = "import sys, policies.security.rule_list; print(sorted({'pulumi', 'pulumi_policy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
