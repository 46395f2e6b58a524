"""The list of rules: ids, types, levels, the policies of the pack and the reference page."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pulumi
import pulumi_policy
import pytest

from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE, Rule
from policies.reference_page import PAGE, page
from policies.rule_list import RULES
from policies.security.pack import policies
from settings.types.kinds import KINDS

MODULES = {"lambda": "lambda_"}
"""Modules of the provider whose names are reserved words in Python."""

BEYOND_DEVELOPMENT = ("SM-12",)
"""Rules that apply only to environments after development."""
IN_SERVICE = ("SM-14", "SM-16", "SM-17", "ST-08")
"""Rules about the availability and monitoring of endpoints, which apply only in production."""


def test_the_reference_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m policies.reference_page"


def test_ids_are_unique():
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_a_title_sources_a_remedy_and_checks(rule):
    assert rule.title
    assert rule.sources
    assert rule.remedy.endswith(".")
    assert rule.checks or rule.stack_checks


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_provider_has_every_type_of_a_rule(rule):
    """A misspelt type would never be checked."""
    assert {type_ for type_ in types_of(rule) if type_.startswith("aws:") and not exists(type_)} == set()


def types_of(rule: Rule) -> set[str]:
    return {*rule.checks, *(type_ for stack_check in rule.stack_checks for type_ in stack_check.types)} - {
        EVERY_AWS_RESOURCE,
        EVERY_RESOURCE,
    }


def exists(type_: str) -> bool:
    """Whether the provider's SDK has a resource class for the type. An alias counts."""
    module, _, name = type_.removeprefix("aws:").partition("/")
    _, _, class_name = name.partition(":")
    made = getattr(importlib.import_module(f"pulumi_aws.{MODULES.get(module, module)}"), class_name, None)
    return isinstance(made, type) and issubclass(made, pulumi.CustomResource)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_exceptions_name_existing_kinds_and_never_production(rule):
    assert set(rule.exceptions) <= set(KINDS)
    assert rule.level_in("production") == "mandatory"


@pytest.mark.requirement("DEV-07")
@pytest.mark.parametrize("kind", ["development", "preproduction"])
def test_rules_are_mandatory_in_development_and_preproduction_as_in_production(kind):
    held = [rule for rule in RULES if rule.id not in (*BEYOND_DEVELOPMENT, *IN_SERVICE)]
    assert {rule.id: rule.level_in(kind) for rule in held} == {rule.id: "mandatory" for rule in held}


def test_rules_about_registered_models_apply_after_development():
    arrives = dict.fromkeys(KINDS, "off") | {"preproduction": "mandatory", "production": "mandatory"}
    beyond = [rule for rule in RULES if rule.id in BEYOND_DEVELOPMENT]
    assert [{kind: rule.level_in(kind) for kind in KINDS} for rule in beyond] == [arrives] * len(BEYOND_DEVELOPMENT)


def test_rules_about_endpoints_are_advisory_in_preproduction_and_off_in_other_kinds():
    of_kinds = {rule.id: {kind: rule.level_in(kind) for kind in KINDS} for rule in RULES if rule.id in IN_SERVICE}
    off = dict.fromkeys(KINDS, "off") | {"production": "mandatory"}
    advised = dict.fromkeys(("SM-14", "SM-16", "SM-17"), off | {"preproduction": "advisory"})
    assert of_kinds == {"ST-08": off, **advised}


def test_every_policy_has_one_level_and_every_mandatory_policy_a_severity():
    made = {policy.name: policy for policy in policies()}
    advisory = [made.pop(name) for name in list(made) if name.startswith("advisory")]
    assert {policy.enforcement_level for policy in advisory} == {pulumi_policy.EnforcementLevel.ADVISORY}
    assert {policy.enforcement_level for policy in made.values()} == {pulumi_policy.EnforcementLevel.MANDATORY}
    of_resources = {f"{rule.severity}-rules": rule.severity for rule in RULES}
    of_stacks = {f"{rule.severity}-stack-rules": rule.severity for rule in RULES if rule.stack_checks}
    assert {name: policy.severity.value for name, policy in made.items()} == of_resources | of_stacks


def test_importing_the_rules_imports_no_pulumi():
    program = "import sys, policies.rule_list; print(sorted({'pulumi', 'pulumi_policy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
