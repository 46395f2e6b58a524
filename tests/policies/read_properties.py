"""Which properties the pack reads, whatever their type is: ``python -m tests.policies.read_properties``.

Each property of each known type of the provider's SDK is given one value after the other that leads to strangers. The
command writes the reference page with the counts by service.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.evaluation.dispatch import Dispatcher
from policies.evaluation.resource import StackContext
from policies.evaluation.values import PROSE
from policies.rule_list import RULES
from policies.security.inputs.known_types import KNOWN_TYPES
from policies.security.rules.organization.references import JUDGED
from tests.policies.case import Situation
from tests.policies.checking import resource_of
from tests.policies.planted.evasions import STRANGERS
from tests.support.docs.known_types import classes_of_types

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "read-properties.md"
REFERENCES = Dispatcher([rule for rule in RULES if rule.id in {"OR-09", "OR-10", "OR-11", "OR-12", "OR-13"}])
_BUCKET = ("aws:s3/bucket:Bucket", "bucket")
"""The name of a new bucket, in which S3-11 requires the account."""
WAYS = ("values", "policy documents", "name of the bucket", "prose", "not read")
_INTRODUCTION = """\
<!-- Generated from the SDK of the provider by `python -m tests.policies.read_properties`. -->
# Properties that the rules read

Five rules read the values of all properties of a resource, also inside of JSON: [OR-09](policies.md#or-09) to
[OR-13](policies.md#or-13). The table counts the properties of the types that [OR-08](policies.md#or-08) accepts, by
service of AWS. A test gives each property three values, one after the other: an ARN of a foreign account, a foreign
bucket and a foreign host.

| column | content |
|---|---|
| values | the rules refuse all three |
| policy documents | rules about statements read them, with their conditions |
| name of the bucket | a new bucket, whose name [S3-11](policies.md#s3-11) judges |
| prose | comments, descriptions, display names and tags, which no service follows |
| not read | none may be here: a new version of the SDK with such a property fails the test |
"""


def refusing(type_: str, inputs: dict[str, Any], kind: str = "production", rules: Dispatcher = REFERENCES) -> set[str]:
    """Returns the rules that refuse a resource, in a preview that plinth runs or at the end of it."""
    context = StackContext(kind=kind, organization_accounts=(), allowed_regions=("eu-west-1",))
    resource = resource_of(type_, Situation(inputs=inputs, context=context))
    found = [*rules.findings(resource), *rules.stack_findings([resource])]
    return {finding.rule.id for finding in found if finding.level == "mandatory"}


def ways() -> Mapping[str, Sequence[str]]:
    """Returns for each known type the ways in which its properties are read."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for type_, name in _properties():
        found[type_].append(_way(type_, name))
    return found


def _way(type_: str, name: str) -> str:
    if all(rule in refusing(type_, {name: value}) for rule, value in STRANGERS.items()):
        return "values"
    if name in PROSE:
        return "prose"
    if name in JUDGED.get(type_, ()):
        return "policy documents"
    return "name of the bucket" if (type_, name) == _BUCKET else "not read"


def _properties() -> Iterator[tuple[str, str]]:
    """Yields every property of every known type of the provider's SDK."""
    for type_, (module, name) in classes_of_types().items():
        if type_ in KNOWN_TYPES:
            made = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
            for parameter in inspect.signature(made._internal_init).parameters:
                if parameter not in ("__self__", "resource_name", "opts", "__props__"):
                    yield type_, re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), parameter)


def page(found: Mapping[str, Sequence[str]]) -> str:
    services: defaultdict[str, list[str]] = defaultdict(list)
    for type_ in found:
        services[type_.split(":")[1].partition("/")[0]].append(type_)
    rows = [_row(f"`{service}`", found, types) for service, types in sorted(services.items())]
    header = f"| service | types | properties | {' | '.join(WAYS)} |"
    return "\n".join(
        [_INTRODUCTION, header, "|---" * (3 + len(WAYS)) + "|", *rows, _row("all", found, list(found)), ""]
    )


def _row(title: str, found: Mapping[str, Sequence[str]], types: Sequence[str]) -> str:
    counted = Counter(way for type_ in types for way in found[type_])
    numbers = (len(types), counted.total(), *(counted[way] for way in WAYS))
    return f"| {title} | {' | '.join(f'{number:,}' for number in numbers)} |"


if __name__ == "__main__":
    PAGE.write_text(page(ways()), encoding="utf-8")
