"""Changes of properties: what counts as one, its path, and whether it requires a new resource."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plinth_sandbox.provider.entry import entry_of
from plinth_sandbox.provider.properties.comparison import Tolerance, agree, is_empty, merged
from plinth_sandbox.provider.properties.diff import changes, deletes_before_replace
from plinth_sandbox.provider.properties.state import inputs_after_reading
from plinth_sandbox.provider.rpc.wire import UNKNOWN

BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def paths(token: str, before: dict[str, Any], after: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict:
    found = changes(entry_of(token), before, before if outputs is None else outputs, after, {})
    return {change.path: change.kind for change in found}


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def rule(**members: Any) -> dict[str, Any]:
    return {"id": "a", "status": "Enabled", **members}


@given(documents)
def test_an_equal_value_is_no_change(value: Any):
    assert agree(value, value, "p", Tolerance())


@given(documents, documents)
def test_leaving_out_an_empty_value_is_no_change_and_any_other_is(value: Any, other: Any):
    assert agree({"a": other}, {"a": other, "b": value}, "p", Tolerance()) is is_empty(value)


@given(documents, documents)
def test_a_merged_value_contains_the_found_value(wanted: Any, found: Any):
    assert agree(merged(wanted, found, "p", Tolerance()), found, "p", Tolerance(accepts_more=True))


def test_a_policy_spelt_differently_is_the_same_policy():
    spelt = policy(Action=["s3:GetObject", "s3:PutObject"], Resource=["*"], Principal={"AWS": ["a"]})
    same = policy(Principal={"AWS": "a"}, Resource="*", Action=["s3:PutObject", "s3:GetObject"])
    other = policy(Action=["s3:GetObject"], Resource="*", Principal={"AWS": "a"})
    assert paths(POLICY, {"policy": spelt}, {"policy": same}) == {}
    assert paths(POLICY, {"policy": spelt}, {"policy": other}) == {"policy": "update"}


def test_a_json_document_that_is_no_policy_is_compared_in_full():
    before, after = json.dumps({"steps": ["a", "b"]}), json.dumps({"steps": ["b", "a"]})
    assert paths(POLICY, {"policy": before}, {"policy": json.dumps(json.loads(before), indent=2)}) == {}
    assert paths(POLICY, {"policy": before}, {"policy": after}) == {"policy": "update"}


def test_the_order_of_a_list_is_no_change():
    first, second = rule(), {**rule(), "id": "b"}
    assert paths(LIFECYCLE, {"rules": [first, second]}, {"rules": [second, first]}) == {}


def test_the_order_of_an_ordered_list_is_a_change():
    def image(*arguments: str) -> dict[str, Any]:
        return {"jupyterLabImageConfig": {"containerConfig": {"containerArguments": list(arguments)}}}

    found = paths("aws:sagemaker/appImageConfig:AppImageConfig", image("run", "fast"), image("fast", "run"))
    arguments = "jupyterLabImageConfig.containerConfig.containerArguments"
    assert found == {f"{arguments}[0]": "update", f"{arguments}[1]": "update"}


def test_a_nested_change_has_its_path():
    before = {"rules": [rule(noncurrentVersionExpiration={"noncurrentDays": 30})]}
    after = {"rules": [rule(noncurrentVersionExpiration={"noncurrentDays": 60}, prefix="logs/")]}
    assert paths(LIFECYCLE, before, after) == {
        "rules[0].noncurrentVersionExpiration.noncurrentDays": "update",
        "rules[0].prefix": "add",
    }


def test_an_unknown_property_is_a_change():
    assert paths(KEY, {"description": "a"}, {"description": UNKNOWN}) == {"description": "update"}
    assert paths(KEY, {"tags": {"a": "1", "b": "1"}}, {"tags": {"a": "1", "b": UNKNOWN}}) == {"tags.b": "update"}


def test_adding_or_omitting_a_default_is_no_change():
    assert paths(KEY, {}, {"isEnabled": True}) == {}
    assert paths(KEY, {"isEnabled": True}, {}) == {}
    assert paths(KEY, {"isEnabled": False}, {}) == {"isEnabled": "delete"}


def test_omitting_a_value_that_aws_fills_in_is_no_change():
    assert paths(KEY, {"policy": policy(Action="*")}, {}) == {}


def test_setting_a_property_to_its_current_value_is_no_change():
    assert paths(KEY, {}, {"description": "a"}, outputs={"description": "a"}) == {}
    assert paths(KEY, {}, {"description": "a"}, outputs={"description": "b"}) == {"description": "add"}


def test_other_default_tags_of_the_provider_are_a_change():
    found = changes(entry_of(KEY), {}, {"tagsAll": {"a": "1"}}, {}, {"a": "2"})
    assert [(change.path, change.forces_replacement) for change in found] == [("tagsAll", False)]


@pytest.mark.parametrize(
    ("token", "name", "replaces"),
    [
        (KEY, "multiRegion", True),
        (KEY, "keyUsage", True),
        (KEY, "region", True),
        (KEY, "description", False),
        (KEY, "tags", False),
        (KEY, "deletionWindowInDays", False),
        (BUCKET, "bucket", True),
        (BUCKET, "forceDestroy", False),
        (POLICY, "bucket", True),
        (POLICY, "policy", False),
    ],
)
def test_a_property_that_no_update_carries_forces_replacement(token: str, name: str, replaces: bool):
    assert entry_of(token).forces_replacement(name) is replaces


def test_a_part_of_a_property_may_need_a_new_resource_where_the_rest_is_changed_in_place():
    group, name = entry_of("aws:sagemaker/featureGroup:FeatureGroup"), "onlineStoreConfig"
    before = {"securityConfig": {"kmsKeyId": "a"}, "ttlDuration": {"unit": "Days", "value": 1}}
    after = {"securityConfig": {"kmsKeyId": "b"}, "ttlDuration": {"unit": "Days", "value": 2}}
    found = changes(group, {name: before}, {}, {name: after}, {})
    assert {change.path: change.forces_replacement for change in found} == {
        "onlineStoreConfig.securityConfig.kmsKeyId": True,
        "onlineStoreConfig.ttlDuration.value": False,
    }


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_rule_for_another_type_of_source_is_a_new_rule(direction: str):
    rule = entry_of(f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule")
    before = {"cidrIpv4": "10.0.0.0/8", "fromPort": 443}
    same, other = {**before, "cidrIpv4": "10.1.0.0/16"}, {"referencedSecurityGroupId": "sg-1", "fromPort": 444}
    assert [(change.path, change.forces_replacement) for change in changes(rule, before, {}, same, {})] == [
        ("cidrIpv4", False)
    ]
    assert {change.path: change.forces_replacement for change in changes(rule, before, {}, other, {})} == {
        "cidrIpv4": True,
        "fromPort": False,
        "referencedSecurityGroupId": True,
    }


def test_the_old_resource_is_deleted_first_if_the_names_are_equal():
    entry = entry_of(BUCKET)
    named = {"bucket": "acme"}
    generated = {"bucket": "acme-1234567", "__defaults": ["bucket"]}
    assert deletes_before_replace(entry, named, {**named, "objectLockEnabled": True}, "acme")
    assert not deletes_before_replace(entry, generated, {**generated, "objectLockEnabled": True}, "acme-1234567")
    assert not deletes_before_replace(entry, named, {"bucket": "other"}, "acme")


def test_the_old_resource_is_deleted_first_even_if_aws_assigns_the_id():
    entry, before = entry_of("aws:iam/policy:Policy"), {"name": "read", "path": "/"}
    generated = {"name": "read-1234567", "__defaults": ["name"]}
    assert deletes_before_replace(entry, before, {"name": "read", "path": "/team/"}, "arn:aws:iam::1:policy/read")
    assert not deletes_before_replace(entry, before, {"name": "write"}, "arn:aws:iam::1:policy/read")
    assert not deletes_before_replace(entry, generated, {**generated, "path": "/team/"}, "arn:aws:iam::1:policy/read")


def test_drift_in_a_property_that_the_program_never_set_shows_in_the_inputs():
    entry = entry_of(KEY)
    last = {"description": "a", "enableKeyRotation": False}
    assert inputs_after_reading(entry, {"description": "a"}, last, {**last, "enableKeyRotation": True}) == {
        "description": "a",
        "enableKeyRotation": True,
    }


def test_values_that_aws_filled_in_at_creation_are_no_drift():
    entry = entry_of(LIFECYCLE)
    inputs = {"rules": [rule()]}
    filled = {"rules": [rule(filter={"prefix": "all/"})]}
    drifted = {"rules": [rule(filter={"prefix": "some/"})]}
    assert inputs_after_reading(entry, inputs, filled, filled) == inputs
    assert inputs_after_reading(entry, inputs, filled, drifted) == drifted


@pytest.mark.parametrize("argument", ["--pushed_inference", "pushed"])
def test_an_additional_key_of_a_map_is_a_change(argument: str):
    job = entry_of("aws:glue/job:Job")
    before = {"name": "cards", "defaultArguments": {"--table": "cards"}}
    after = {"name": "cards", "defaultArguments": {"--table": "cards", argument: "s3://ml/pushed/"}}
    (change,) = changes(job, before, before, after, {})
    assert (change.property, change.kind, change.forces_replacement) == ("defaultArguments", "add", False)
