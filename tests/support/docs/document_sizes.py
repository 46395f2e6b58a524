"""Measures the policy documents of every stack: ``python -m tests.support.docs.document_sizes``.

The command prints the size of the largest document of each kind in each stack and layout. ``--write`` writes the
reference page, which contains them as a share of the limit.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from policies.security.rules.identity.document_sizes import API, DOCUMENT, INLINE, POLICY_OF_API, PROPERTY
from settings.derived.stack_graph import StackIdentity
from settings.types.aws.document_limits import DOCUMENT_LIMITS, ORGANIZATION_POLICIES, DocumentKind
from tests.support.recorder import Record, Recorder
from tests.support.variants import VARIANTS, deployment_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "document-sizes.md"
PLACEMENTS = ("small", "medium", "large")
STEP_PERCENT = 5
"""Shares on the page are rounded up to multiples of this, so that not every change of a policy changes the page."""

_INTRODUCTION = f"""\
<!-- Generated from every stack of every layout by `python -m tests.support.docs.document_sizes --write`. -->
# Sizes of policy documents

AWS limits the size of policy documents. The table contains, for each stack and kind of document, the share of the limit
that the largest document uses in each placement: the largest in any combination of endpoints, sign-in and phase, with
every optional resource. Shares are rounded up to multiples of {STEP_PERCENT} %. To print the exact sizes, run
`python -m tests.support.docs.document_sizes`.

The limits and their sources are in [`document_limits.py`](../../settings/types/aws/document_limits.py). Rule
[IA-15](policies.md#ia-15) refuses a stack that exceeds one. A test requires 10 % to spare, except for guardrails and
policies of deployers, whose statements are packed into as few documents as possible, and for Studio users, whose
documents grow only with names and instance types.
"""


@dataclass(frozen=True, slots=True, order=True)
class Document:
    """A document of a stack, or all inline policies of an identity together."""

    stack: str
    """Name of the stack, with placeholders for team and dataset."""
    kind: DocumentKind
    size: int
    name: str
    """Logical name of the resource."""

    @property
    def limit(self) -> int:
        return DOCUMENT_LIMITS[self.kind].size

    @property
    def share(self) -> float:
        return self.size / self.limit

    @property
    def largest_share(self) -> float:
        """The share of the limit that the document may use. Documents need room to grow unless they are packed by size
        (guardrails and policies of deployers) or grow only with names and instance types (Studio users)."""
        if self.kind in ORGANIZATION_POLICIES.values() or self.name.startswith("deployer-builds"):
            return 1
        return 0.95 if self.stack.endswith("-studio") else 0.9


def documents_of(deployment: Mapping[str, Recorder]) -> Iterator[Document]:
    """Yields the documents of all stacks of an organization."""
    for stack, recorder in deployment.items():
        for kind, name, texts in _texts(recorder):
            limit = DOCUMENT_LIMITS[kind]
            yield Document(_label(stack), kind, sum(map(limit.measure, texts)), name)


def _texts(recorder: Recorder) -> Iterator[tuple[DocumentKind, str, list[str]]]:
    for record in recorder.resources:
        if record.type in DOCUMENT and (text := record.inputs.get(PROPERTY[record.type])):
            yield DOCUMENT[record.type], record.name, [text]
        if record.type in API:
            yield "API policy", record.name, [json.dumps(json.loads(record.inputs["body"])[POLICY_OF_API])]
        if record.type == "aws:organizations/policy:Policy":
            yield ORGANIZATION_POLICIES[record.inputs["type"]], record.name, [record.inputs["content"]]
    for inline in INLINE:
        policies = recorder.all(inline.policy)
        for identity in recorder.all(inline.identity):
            held = [
                policy.inputs["policy"] for policy in policies if policy.inputs[inline.refers_by] == _name_of(identity)
            ]
            if held:
                yield inline.kind, identity.name, held


def _name_of(record: Record) -> str:
    return str(record.computed["name"])


def _label(stack: str) -> str:
    identity = StackIdentity.parse(stack)
    if identity.dataset is not None:
        return "data-lake--<dataset>"
    if identity.team is not None and stack.startswith(identity.team):
        return f"<team>{stack.removeprefix(identity.team)}"
    return stack


def largest(documents: Iterable[Document]) -> dict[tuple[str, DocumentKind], Document]:
    """Returns the largest document of each kind in each stack."""
    found: dict[tuple[str, DocumentKind], Document] = {}
    for document in sorted(documents):
        found[document.stack, document.kind] = document
    return found


def page() -> str:
    """Returns the text of the reference page."""
    by_placement: defaultdict[str, list[Document]] = defaultdict(list)
    for variant in VARIANTS:
        by_placement[variant.placement] += documents_of(deployment_of(variant))
    columns = [largest(by_placement[placement]) for placement in PLACEMENTS]
    rows = [
        f"| `{stack}` | {kind} | {' | '.join(_rounded(column.get((stack, kind))) for column in columns)} |"
        f" {DOCUMENT_LIMITS[kind].size:,} |"
        for stack, kind in sorted({key for column in columns for key in column})
    ]
    header = f"| stack | document | {' | '.join(PLACEMENTS)} | limit |"
    return "\n".join([_INTRODUCTION, header, "|---|---|---|---|---|---|", *rows, ""])


def _rounded(document: Document | None) -> str:
    return "" if document is None else f"{-(-100 * document.share // STEP_PERCENT) * STEP_PERCENT:.0f} %"


def main(arguments: list[str]) -> None:
    if arguments == ["--write"]:
        PAGE.write_text(page(), encoding="utf-8")
        return
    for variant in VARIANTS:
        for document in largest(documents_of(deployment_of(variant))).values():
            sys.stdout.write(
                f"{variant}\t{document.stack}\t{document.kind}\t{document.name}"
                f"\t{document.size:,} of {document.limit:,}\t{document.share:.0%}\n"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
