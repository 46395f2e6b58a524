"""Writes the table of what stacks need of quotas: ``python -m tests.support.docs.stack_resources --write``.

The table is made of every recorded stack of the layouts in which each kind has an account of its own, so that the
account of a resource names the kind. It has the least and the most that was recorded.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import yaml

from selfservice.quotas.needs import TABLE, kind_of, layout_of
from selfservice.quotas.quota import OF_TYPE, counted_type
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import KINDS
from settings.types.regions import account_label_of
from tests.support.every_stack import example_deployment, example_feature_group, example_foundation
from tests.support.recorder import Recorder
from tests.support.variants import VARIANTS, deployment_of

_INTRODUCTION = """\
# Resources that quotas of accounts limit, by kind of stack, settings, account kind and quota. A range has the least and
# the most that was recorded. Generated from every recorded stack by `make reference`.
"""
Counted = Mapping[str, Counter[str]]
"""Resources by account label and quota."""


def counted(recorder: Recorder) -> Counted:
    """Returns the resources that quotas limit, by account label and quota."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for record in recorder.resources:
        quota = OF_TYPE.get(counted_type(record.type, record.inputs))
        if quota is not None:
            found[account_label_of(record.provider)][quota.key] += 1
    return found


def _deployments() -> Iterator[tuple[Foundation, Mapping[str, Recorder]]]:
    for variant in VARIANTS:
        if variant.placement == "large":
            yield variant.foundation, deployment_of(variant)
    yield example_foundation(feature_groups=[example_feature_group()]), example_deployment()


def table() -> dict[str, dict[str, dict[str, dict[str, int | str]]]]:
    """Returns the table of what was recorded."""
    recorded: defaultdict[tuple[str, str], list[dict[str, Counter[str]]]] = defaultdict(list)
    for foundation, deployment in _deployments():
        for name, recorder in deployment.items():
            stack = StackIdentity.parse(name)
            by_kind = {_kind(label): numbers for label, numbers in counted(recorder).items()}
            recorded[kind_of(stack), layout_of(stack, foundation)].append(by_kind)
    made: defaultdict[str, dict[str, dict[str, dict[str, int | str]]]] = defaultdict(dict)
    for (kind, layout), alternatives in sorted(recorded.items()):
        accounts = sorted({account for alternative in alternatives for account in alternative})
        made[kind][layout] = {
            account: _ranges([alternative.get(account, Counter()) for alternative in alternatives])
            for account in accounts
        }
    return dict(made)


def _ranges(alternatives: list[Counter[str]]) -> dict[str, int | str]:
    keys = sorted({key for alternative in alternatives for key in alternative})
    counts = {key: [alternative[key] for alternative in alternatives] for key in keys}
    ranges = {key: (min(found), max(found)) for key, found in counts.items()}
    return {key: least if least == most else f"{least}-{most}" for key, (least, most) in ranges.items()}


def _kind(label: str) -> str:
    """Returns the account kind of a label in a layout where each kind has an account of its own."""
    return max((kind for kind in KINDS if label == kind or label.endswith(f"-{kind}")), key=len)


def text() -> str:
    return _INTRODUCTION + yaml.safe_dump(table(), sort_keys=False, width=120)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(text(), encoding="utf-8")
    else:
        sys.stdout.write(text())
