"""Ways around the rules: one attempt for each trick that the pack knows."""

from __future__ import annotations

import pytest

from policies.rule_list import RULES
from policies.security.inputs.known_types import KNOWN_TYPES
from tests.policies.case import Situation
from tests.policies.checking import findings

TYPES = {
    "code in a dynamic resource": "pulumi-python:dynamic:Resource",
    "code of another language": "pulumi-nodejs:dynamic:Resource",
    "a command": "command:local:Command",
    "a command elsewhere": "command:remote:Command",
    "a template of CloudFormation": "aws:cloudformation/stack:Stack",
    "any resource of Cloud Control": "aws:cloudcontrol/resource:Resource",
    "the same resource of another provider": "aws-native:s3:Bucket",
    "a provider of another cloud": "gcp:storage/bucket:Bucket",
    "another spelling": "aws:s3/Bucket:Bucket",
}


@pytest.mark.threat("T-16")
@pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES)
def test_a_resource_of_a_type_that_no_rule_checks_is_refused(type_):
    assert type_ not in KNOWN_TYPES
    messages = [finding.message for finding in findings(type_, Situation(inputs={}), RULES)]
    assert [message for message in messages if message.startswith("OR-08 ")] == messages != []
