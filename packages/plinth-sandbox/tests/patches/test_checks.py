"""Checks of requests that need no emulated AWS."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.kms import checks as keys
from plinth_sandbox.emulator.services.organizations import checks as control_policies
from plinth_sandbox.emulator.services.s3.checks import lifecycles

ACCOUNT = "123456789012"


def check(checks: Checks, service: str, operation: str, **parameters: Any) -> None:
    call: Any = SimpleNamespace(account=ACCOUNT, region="eu-west-1", parameters=parameters)
    checks[service, operation](call)


def test_objects_expire_after_their_last_transition_and_not_on_the_same_day() -> None:
    def put(days: int) -> None:
        move = {"Days": 30, "StorageClass": "GLACIER"}
        rules = [{"ID": "a", "Status": "Enabled", "Transitions": [move], "Expiration": {"Days": days}}]
        configuration = {"Rules": rules}
        check(lifecycles.CHECKS, "s3", "PutBucketLifecycleConfiguration", LifecycleConfiguration=configuration)

    put(31)
    with pytest.raises(AwsError, match="must be greater than 'Days' in the Transition action"):
        put(30)


@pytest.mark.parametrize(("element", "is_refused"), [("Action", False), ("NotAction", True)])
def test_a_resource_control_policy_names_actions(element: str, is_refused: bool) -> None:
    statement = {"Effect": "Deny", "Principal": "*", element: "s3:*", "Resource": "*"}
    given = {
        "Type": "RESOURCE_CONTROL_POLICY",
        "Content": json.dumps({"Version": "2012-10-17", "Statement": statement}),
    }
    if not is_refused:
        check(control_policies.CHECKS, "organizations", "CreatePolicy", **given)
        return
    with pytest.raises(AwsError, match="does not meet the requirements"):
        check(control_policies.CHECKS, "organizations", "CreatePolicy", **given)


def test_a_key_policy_that_denies_its_own_change_to_everybody_is_refused() -> None:
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    allowed = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    denied = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:Put*", "Resource": "*"}
    check(keys.CHECKS, "kms", "CreateKey", Policy=json.dumps({"Statement": [allowed]}))
    with pytest.raises(AwsError, match="will not allow you to update the key policy"):
        check(keys.CHECKS, "kms", "CreateKey", Policy=json.dumps({"Statement": [allowed, denied]}))
