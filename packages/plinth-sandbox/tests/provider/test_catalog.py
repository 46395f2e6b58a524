"""The provider catalog is consistent with botocore's operations, with the vendor's SDK, and with itself."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import jmespath
import pytest

from plinth_sandbox.provider import schema
from plinth_sandbox.provider.entry import Entry, all_types, entry_of, source_of
from plinth_sandbox.provider.operations.binding import Bound
from plinth_sandbox.provider.operations.operation import Operation
from plinth_sandbox.provider.properties.property_types import PropertyType
from plinth_sandbox.provider.templates import references
from plinth_sandbox.provider.vocabulary import Call, DataSource, Resource, Wait

ROOT = Path(__file__).parents[4]
RESOURCES = [item.type for item in all_types() if isinstance(item, Resource)]
SOURCES = [item.type for item in all_types() if isinstance(item, DataSource)]
PLACE = {"@account", "@region", "@partition"}

every_type = pytest.mark.parametrize("token", RESOURCES)


TAGGED_AFTERWARDS = {
    "aws:ec2/defaultRouteTable:DefaultRouteTable": "EC2 creates it together with the VPC",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "EC2 creates it together with the VPC",
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": "the other account created the attachment",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": "CreateServiceLinkedRole takes no tags",
}
"""Types whose creating call cannot tag, in AWS as in the vendor's provider, with the reason."""


def steps(entry: Entry) -> Iterator[Bound]:
    yield entry.create
    yield from entry.reads
    for update in entry.updates:
        yield update.step
        if update.otherwise is not None:
            yield update.otherwise
    yield from (step for step in (entry.delete, entry.ready, entry.gone) if step is not None)


def operations(entry: Entry) -> list[Operation]:
    return [step.operation for step in steps(entry) if step.operation is not None]


def names_in(expected: PropertyType) -> set[str]:
    """Returns all property names in a type, at any depth."""
    inner = [*expected.fields.values(), *([expected.element] if expected.element else [])]
    return set(expected.fields).union(*(names_in(field) for field in inner))


@cache
def spellings() -> dict[str, str]:
    return schema.documents()


def conflicts_of(token: str) -> set[frozenset[str]]:
    """Returns the pairs of inputs of which the vendor's documentation says that they conflict."""
    module = sys.modules[schema.resource_class(token).__module__]
    documentation = inspect.getdoc(getattr(module, module.__all__[0]).__init__) or ""
    found = set()
    for entry in documentation.split(":param ")[1:]:
        head, _, text = entry.partition(": ")
        for sentence in re.findall(r"[Cc]onflicts with ([^.]*)", text):
            found |= {
                frozenset(map(schema.camel, (head.split()[-1], other))) for other in re.findall(r"`(\w+)`", sentence)
            }
    return {pair for pair in found if len(pair) == 2}


def test_conflicts_are_found_in_the_documentation():
    target = conflicts_of("aws:cloudwatch/eventTarget:EventTarget")
    assert target == {frozenset(pair) for pair in combinations(("input", "inputPath", "inputTransformer"), 2)}


def test_the_checked_in_schemas_are_those_of_the_sdk():
    found = {path.name: path.read_text(encoding="utf-8") for path in schema.FOLDER.glob("*.json")}
    stale = sorted(name for name in found.keys() | spellings().keys() if found.get(name) != spellings().get(name))
    assert stale == [], "run python -m plinth_sandbox.provider.schema"


@every_type
def test_the_creating_call_tags_what_it_creates(token: str) -> None:
    """Otherwise a provider that is killed between two calls leaves behind something that nobody can identify."""
    entry = entry_of(token)
    if entry.tagging is None:
        return
    assert entry.tags_on_create is (token not in TAGGED_AFTERWARDS)
    operation = entry.create.operation
    if operation is not None and operation.tags_member is not None:
        assert operation.tags_member in operation.members


@every_type
def test_every_operation_exists_and_has_the_members_that_the_entry_names(token: str):
    for operation in operations(entry_of(token)):
        unknown = set(operation.call.arguments) - set(operation.members)
        assert unknown == set(), f"{operation.name} has no {unknown}"


@every_type
def test_every_property_that_the_entry_names_is_one_of_the_vendors(token: str):
    entry = entry_of(token)
    resource, known = entry.resource, names_in(entry.schema.outputs)
    named = {
        *(name for path in [*resource.defaults, *resource.computed, *resource.ordered] for name in path.split(".")),
        *(name for path in resource.replaces for name in path.split(".")),
        *resource.renames,
        *resource.derived,
        *[*resource.local, *resource.unread, *resource.volatile, *resource.creates],
        *(name for update in entry.updates for name in update.carries),
        *(name for operation in operations(entry) for name in operation.call.carries or []),
    }
    given = {name for operation in operations(entry) for name in operation.call.gives}
    used = {name for operation in operations(entry) for name in operation.referenced}
    assert named - known == set()
    assert given - known - used - {"id"} == set(), "given, and then nobody uses it"


@every_type
def test_inputs_that_exclude_each_other_are_inputs_of_the_vendor(token: str):
    entry = entry_of(token)
    groups = [*entry.resource.exclusive, *entry.resource.exactly_one]
    assert {name for group in groups for name in group} <= set(entry.schema.inputs.fields)


@every_type
def test_conflicts_that_the_vendor_documents_are_in_the_catalog(token: str):
    entry = entry_of(token)
    name = entry.resource.name.property if entry.resource.name else ""
    groups = [*entry.resource.exclusive, *entry.resource.exactly_one, [name, f"{name}Prefix"]]
    refused = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    documented = {pair for pair in conflicts_of(token) if pair <= entry.carried}
    assert documented - refused == set()


@every_type
def test_every_template_refers_to_something_known(token: str):
    entry = entry_of(token)
    resource = entry.resource
    templates = [resource.identifier, resource.address, resource.derived]
    templates += [operation.explicit for operation in operations(entry)]
    given = {name for operation in operations(entry) for name in operation.call.gives}
    known = set(entry.schema.outputs.fields) | PLACE | given | {"id"}
    assert set(references(templates)) - known == set()


@every_type
def test_every_path_is_valid(token: str):
    resource = entry_of(token).resource
    waits = [wait for wait in (resource.ready, resource.gone) if isinstance(wait, Wait)]
    calls = [operation.call for operation in operations(entry_of(token))]
    paths = [resource.exists, *(path for wait in waits for path in (wait.until, wait.failed, wait.reason))]
    paths += [path for call in calls for path in (call.within, *call.gives.values())]
    assert all(jmespath.compile(path) for path in filter(None, paths))


def is_read_by_calls_alone(token: str) -> bool:
    """Returns whether no reading step is a function, because only the conformance tests can tell what a function
    reads."""
    return all(read.operation is not None for read in entry_of(token).reads)


@pytest.mark.parametrize("token", [token for token in RESOURCES if is_read_by_calls_alone(token)])
def test_drift_is_visible_in_every_property_that_is_sent_or_the_entry_says_that_it_is_not(token: str):
    entry = entry_of(token)
    readable = frozenset().union(*(read.operation.readable for read in entry.reads))
    found = readable | entry.identity | set(entry.resource.derived) | {"tags", "region"}
    generated = {f"{entry.resource.name.property}Prefix"} if entry.resource.name else set()
    sent = entry.carried - set(entry.resource.local) - generated
    assert sent - found == set(entry.resource.unread)


@every_type
def test_every_required_property_is_sent(token: str):
    entry = entry_of(token)
    required = entry.schema.inputs.required - entry.created - entry.identity
    assert required <= entry.updatable, "nothing sends these required properties"


@pytest.mark.parametrize("token", SOURCES)
def test_every_data_source_asks_operations_that_exist_for_properties_that_exist(token: str):
    source = source_of(token)
    for read in source.reads:
        if read.operation is not None:
            assert set(read.operation.call.arguments) <= set(read.operation.members)
            assert set(read.operation.call.gives) <= set(source.schema.outputs.fields)
    assert set(references([source.source.identifier, source.source.derived])) <= {*source.schema.outputs.fields, *PLACE}


def test_a_call_of_an_operation_that_aws_does_not_have_is_found():
    operation = Operation(
        Call("create_nothing"), service="kms", properties=PropertyType("object"), renames={}, address={}
    )
    with pytest.raises(Exception, match="kms has no operation create_nothing"):
        _ = operation.model


ASKING_AT_ONCE = """
import sys
import threading

from plinth_sandbox.provider.entry import entry_of

sys.setswitchinterval(1e-6)
tokens = ["aws:ec2/vpc:Vpc", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"] * 8
start, answered = threading.Barrier(len(tokens)), []


def ask(token):
    start.wait()
    answered.append(entry_of(token))


threads = [threading.Thread(target=ask, args=(token,)) for token in tokens]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(len(tokens) - len(answered))
"""


def test_entries_can_be_loaded_from_several_threads():
    """Imports modules that import each other from several threads. Without a lock, one attempt in three failed."""
    tries = [subprocess.run([sys.executable, "-c", ASKING_AT_ONCE], cwd=ROOT, check=False) for _ in range(8)]
    assert [done.returncode for done in tries] == [0] * 8
