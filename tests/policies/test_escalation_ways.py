"""The rule about privilege escalation knows every way that independent tools know.

``escalation_ways.json`` contains the combinations of actions that two tools look for, by tool and version, as of
2026-11-29: prowler (``privilege_escalation_policies_combination``) and cloudsplaining
(``PRIVILEGE_ESCALATION_METHODS``, with the paths of pathfinding.cloud).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policies.evaluation.dispatch import Dispatcher
from policies.security.rules.identity import escalation
from tests.policies.case import Member, StackCase
from tests.policies.cases.identity.grants import granting
from tests.policies.checking import members_of, stack_findings

WAYS = {
    way
    for ways in json.loads(Path(__file__).with_name("escalation_ways.json").read_text(encoding="utf-8")).values()
    for way in ways
}


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_role_whose_policies_contain_one_action_each_is_refused(way):
    policies = {
        action: Member(type="aws:iam/rolePolicy:RolePolicy", inputs={"role": "runner", "policy": granting(action)})
        for action in way.split()
    }
    role = Member(inputs={"name": "runner"})
    case = StackCase(rule="IA-06", type="aws:iam/role:Role", what=way, members={"role": role, **policies})
    members = members_of(case)
    alone = [found for member in members for found in Dispatcher(escalation.RULES).findings(member)]
    assert [*alone, *stack_findings(members, escalation.RULES)]
