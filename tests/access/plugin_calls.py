"""The calls that the provider plugin of the sandbox makes for a type, as IAM actions.

The plugin's catalog is written from the provider's documentation and tested by samples of each type, apart from the
lists of the deployer. Calls of functions, and of API Gateway and S3 Control, whose actions have other names than their
operations, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from plinth_sandbox.emulator.authorization.permissions import actions
from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.services.s3.permissions import buckets as s3
from plinth_sandbox.provider.entry import Entry, entry_of
from plinth_sandbox.provider.errors import UnknownTypeError
from plinth_sandbox.provider.operations.binding import Bound
from plinth_sandbox.provider.operations.session import service_model

_RENAMED = actions.RENAMED | {("s3", operation): action for operation, action in s3.RENAMED.items()}
"""Action by service and operation, if the two differ."""


RELEASED = (
    "aws:appautoscaling/policy:Policy", "aws:appautoscaling/target:Target", "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget", "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:lambda/function:Function", "aws:lambda/permission:Permission",
    "aws:sagemaker/endpoint:Endpoint", "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
    "aws:sagemaker/model:Model", "aws:sagemaker/pipeline:Pipeline",
)  # fmt: skip
"""Types of the resources that releases deploy, without those of API Gateway."""


@cache
def calls_for(type_: str) -> frozenset[str]:
    """Returns the actions of all calls for a type. A type that the plugin lacks has none."""
    entry = _entry(type_)
    if entry is None:
        return frozenset()
    steps = (
        entry.create,
        *entry.reads,
        *(update.step for update in entry.updates),
        entry.delete,
        entry.ready,
        entry.gone,
    )
    tags = entry.resource.tags
    tagging = [(entry.service, name) for name in (tags.tag, tags.untag, tags.read) if name] if tags else []
    return frozenset(actions_of([*_operations(steps), *tagging]))


@cache
def reads_for(type_: str) -> frozenset[str]:
    """Returns the actions of the calls that read a resource of a type."""
    entry = _entry(type_)
    if entry is None:
        return frozenset()
    tags = entry.resource.tags
    tagging = [(entry.service, tags.read)] if tags and tags.read else []
    return frozenset(actions_of([*_operations(entry.reads), *tagging]))


def _entry(type_: str) -> Entry | None:
    try:
        return entry_of(type_)
    except UnknownTypeError:
        return None


def _operations(steps: Iterable[Bound | None]) -> Iterator[tuple[str, str]]:
    """Yields service and method of steps that are calls."""
    for step in steps:
        if step is not None and step.operation is not None:
            yield step.operation.service, step.operation.method


def actions_of(operations: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yields the actions of operations, given as service and method of boto3. Some have none that IAM knows."""
    for service, method in operations:
        model = service_model(service)
        prefix = actions.PREFIXES.get(model.signing_name, model.signing_name)
        operation = next(name for name in model.operation_names if name.lower() == method.replace("_", "").lower())
        name = _RENAMED.get((service, operation), operation)
        if action_reference(prefix, name) is not None:
            yield f"{prefix}:{name}"
