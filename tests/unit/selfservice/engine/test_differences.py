import json
from dataclasses import asdict

import pytest

from selfservice.engine.differences import ABSENT, SECRET, UNKNOWN, as_lines, changed_properties
from selfservice.operations.operation import Difference, Outcome, PropertyChange, Status

SECRET_VALUE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}
URN = "urn:pulumi:fraud::plinth::"


def differing(old, new, named=()):
    return [(change.path, change.old, change.new) for change in changed_properties(old, new, named)]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"a": 1, "b": "x"}, {"a": 1, "b": "x"}, []),
        ({"days": 30}, {"days": 60}, [("days", "30", "60")]),
        ({"on": True}, {"on": False}, [("on", "true", "false")]),
        ({}, {"tags": {"owner": "a"}}, [("tags", ABSENT, "{owner: a}")]),
        ({"tags": {"a": "1", "b": "2"}}, {"tags": {"b": "3"}}, [("tags.a", "1", ABSENT), ("tags.b", "2", "3")]),
        ({"a": [{"d": 1}, {"d": 2}]}, {"a": [{"d": 1}, {"d": 3}]}, [("a[1].d", "2", "3")]),
        ({"a": ["x", "y", "z"]}, {"a": ["new", "x", "z"]}, [("a[0]", ABSENT, "new"), ("a[1]", "y", ABSENT)]),
        ({"id": "a"}, {"id": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, [("id", "a", UNKNOWN)]),
    ],
)
def test_each_changed_property_is_shown_at_its_deepest_level(old, new, changes):
    assert differing(old, new) == changes


def test_documents_in_json_are_compared_by_content():
    old, new = ({"Version": "1", "Statement": [{"Sid": "A", "Action": action}]} for action in ("s3:Get", "s3:Put"))
    document = json.dumps(old)
    assert differing({"policy": document}, {"policy": json.dumps(old, indent=2)}) == []
    assert differing({"policy": document}, {"policy": json.dumps(new)}) == [
        ("policy.Statement[0].Action", "s3:Get", "s3:Put")
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"value": SECRET_VALUE}, {"value": {**SECRET_VALUE, "ciphertext": "y"}}),
        ({"value": SECRET_VALUE}, {"value": "hush"}),
        ({"masterPassword": "hush"}, {"masterPassword": "hush2"}),
        ({"key": "AKIAIOSFODNN7EXAMPLE"}, {"key": "AKIAIOSFODNN7EXAMPLF"}),
        ({"nested": {"token": {"inner": "hush"}}}, {"nested": {"token": {"inner": "hush2"}}}),
        ({}, {"environment": {"db_password": "hush"}}),
    ],
)
def test_no_secret_is_shown(old, new):
    changes = differing(old, new)
    assert len(changes) == 1
    assert not any(word in text for word in ("hush", "AKIA", "ciphertext") for text in changes[0])


def test_a_property_with_equal_inputs_differs_in_a_secret_or_in_aws():
    assert differing({"a": SECRET_VALUE, "b": 1}, {"a": SECRET_VALUE, "b": 1}, ["a", "b"]) == [
        ("a", SECRET, SECRET),
        ("b", "(different in AWS)", "1"),
    ]


def test_a_property_that_only_aws_sets_is_shown_if_it_is_the_only_change():
    assert differing({"a": 1}, {"a": 2}, ["a", "tagsAll"]) == [("a", "1", "2")]
    assert differing({"a": 1}, {"a": 1}, ["tagsAll"]) == [("tagsAll", "(different in AWS)", UNKNOWN)]


def test_changes_show_old_and_new_and_creations_are_grouped_by_component():
    network = f"{URN}plinth:network:PrivateNetwork::network"
    created = [
        Difference(urn=f"{URN}plinth:network:PrivateNetwork$aws:ec2/{kind}::{name}", step="create", component=network)
        for kind, name in (("subnet:Subnet", "a"), ("vpc:Vpc", "vpc"), ("subnet:Subnet", "b"))
    ]
    days = PropertyChange(path="rules[0].days", old="30", new="60")
    cidr = PropertyChange(path="cidrBlock", old="10.0.0.0/19", new="10.1.0.0/19")
    bucket, vpc, role = (
        f"{URN}aws:{kind}" for kind in ("s3/bucket:Bucket::logs", "ec2/vpc:Vpc::v", "iam/role:Role::r")
    )
    assert list(
        as_lines(
            [
                Difference(urn=f"{URN}pulumi:pulumi:Stack::fraud", step="create"),
                Difference(urn=network, step="create"),
                *created,
                Difference(urn=role, step="create"),
                Difference(urn=bucket, step="update", properties=(days,)),
                Difference(urn=vpc, step="replace", properties=(cidr,), reasons=("cidrBlock",)),
                Difference(urn=role, step="delete"),
            ]
        )
    ) == [
        "  replace aws:ec2/vpc:Vpc v, because of cidrBlock",
        "    cidrBlock: 10.0.0.0/19 -> 10.1.0.0/19",
        "  update aws:s3/bucket:Bucket logs",
        "    rules[0].days: 30 -> 60",
        "  create plinth:network:PrivateNetwork network: 3 resources (2 Subnet, 1 Vpc)",
        "  create aws:iam/role:Role r",
        "  delete aws:iam/role:Role r",
    ]


def test_differences_survive_the_event_log():
    change = PropertyChange(path="a", old="1", new="2")
    difference = Difference(urn=URN, step="replace", properties=(change,), reasons=("a",))
    outcome = Outcome(status=Status.SUCCEEDED, differences=(difference,))
    assert Outcome.from_json(json.loads(json.dumps(asdict(outcome)))) == outcome
