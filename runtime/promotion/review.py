"""Review that an approver reads: metrics beside those of the deployed version, baseline, and the change of the code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runtime.promotion.plan import Plan

LONGEST_SUMMARY = 900
"""Characters of the summary. A manual approval shows up to 1,000 (CodePipeline, CustomData)."""

_BACKTICKS = re.compile("`+")
"""Runs of backticks. The fence of the changes is longer than any in them, so no file can write below them."""


def summary(plan: Plan) -> str:
    """Returns the comparison in one line, for the request of an approval."""
    deployed = plan.deployed or {}
    metrics = compared(plan.metrics, deployed)
    stands = f"version {deployed['version']} at {deployed['commit'][:7]}" if deployed else "nothing"
    text = f"Version {plan.version} with deployment code {plan.commit[:7]}; production has {stands}. {metrics}"
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1] + "…"


def compared(metrics: Mapping[str, float], deployed: Mapping[str, Any] | None) -> str:
    """Returns metrics of a version, each with that of what production serves, if it has it."""
    before = (deployed or {}).get("metrics", {})
    return ", ".join(
        f"{name} {value:g}" + (f" (production {before[name]:g})" if name in before else "")
        for name, value in sorted(metrics.items())
    )


def document(plan: Plan, changes: Iterable[str]) -> str:
    """Returns the review as Markdown (PROM-03)."""
    return "\n".join(_lines(plan, changes)) + "\n"


def _lines(plan: Plan, changes: Iterable[str]) -> Iterator[str]:
    before = (plan.deployed or {}).get("metrics", {})
    yield f"# Promotion of version {plan.version}"
    yield ""
    yield f"Execution `{plan.execution}`. Model package `{plan.model_package}`, approved at {plan.decided_at}."
    yield ""
    yield "| metric | this version | production |"
    yield "|---|---|---|"
    for name, value in sorted(plan.metrics.items()):
        yield f"| {name} | {value:g} | {f'{before[name]:g}' if name in before else '-'} |"
    yield ""
    yield from (f"- {kind} of the baseline: `{uri}`" for kind, uri in plan.baseline.items())
    for content in plan.contents:
        yield f"- image `{content['image']}` {content['image_digest']}".rstrip()
        yield f"- archive `{content['archive']}`, object version `{content['archive_version']}`"
    for scan in plan.scans:
        yield from _scanned(scan)
    for person in plan.involved:
        yield f"- {', '.join(person.names)} {person.part} and may not approve"
    yield ""
    yield f"## Deployment code at {plan.commit}"
    yield ""
    lines = list(changes)
    fence = "`" * (1 + max([2, *(len(run) for line in lines for run in _BACKTICKS.findall(line))]))
    yield f"{fence}diff"
    yield from lines
    yield fence


def _scanned(scan: Mapping[str, Any]) -> Iterator[str]:
    found = ", ".join(f"{number} {severity}" for severity, number in scan["findings"].items())
    yield f"- scan of `{scan['image']}`: {scan['status']}, {found or 'no findings'}"
    for waiver in scan["waived"]:
        who = f"{waiver['requester']} until {waiver['expires']}"
        yield f"- {waiver['finding']} is waived by {who}: {waiver['reason']}"
