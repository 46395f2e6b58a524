"""Declarative policies, compared with the syntax in AWS's documentation.

Sources: Organizations User Guide, "AI services opt-out policy syntax and examples", "Declarative
policy syntax and examples" and "Tag policy syntax". No emulator knows what these policies mean.
"""

from __future__ import annotations

from components.organization.guardrails.declared import ai_services_opt_out, restrict_consoles_and_images, tag_policy
from tests.unit.components.guardrails.cases.all import STATEMENTS


def test_all_services_are_opted_out_and_no_child_policy_changes_it():
    child = {"@@operators_allowed_for_child_policies": ["@@none"]}
    default = {**child, "opt_out_policy": {**child, "@@assign": "optOut"}}
    assert ai_services_opt_out() == {"services": {**child, "default": default}}


def test_consoles_are_disabled_and_images_come_from_amazon():
    assert restrict_consoles_and_images("Ask the platform team.") == {
        "ec2_attributes": {
            "exception_message": {"@@assign": "Ask the platform team."},
            "serial_console_access": {"status": {"@@assign": "disabled"}},
            "allowed_images_settings": {
                "state": {"@@assign": "enabled"},
                "image_criteria": {"criteria_1": {"allowed_image_providers": {"@@append": ["amazon"]}}},
            },
        }
    }


def test_tags_have_their_spelling_and_their_values():
    found = tag_policy({"plinth:team": [], "plinth:environment": ["development", "production"]})
    team = {"tag_key": {"@@assign": "plinth:team"}}
    environment = {
        "tag_key": {"@@assign": "plinth:environment"},
        "tag_value": {"@@assign": ["development", "production"]},
    }
    assert found == {"tags": {"plinth:team": team, "plinth:environment": environment}}


def test_a_statement_names_its_resources():
    assert {
        sid for sid, statement in STATEMENTS.items() if not (statement.resources or statement.not_resources)
    } == set()
