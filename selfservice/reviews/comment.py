"""The comment on a pull request, in the Markdown that GitHub and GitLab have in common.

The change decides names, values and messages, so none of them is written as Markdown: they are code spans or code
blocks, whose fences are longer than any that they contain.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from selfservice.engine.differences import as_lines
from selfservice.formatting import code_block, counted, resource_name
from selfservice.operations.operation import Outcome, Problem
from selfservice.reviews.review import CostChange, Review

MARKER = "<!-- plinth review -->"
"""First line of every comment, by which the next review finds it."""
_STEPS = ("create", "update", "replace", "delete")
_SHORT_HASH = 12
_FENCE = re.compile(r"`+")
_SHOWN_REMOVALS = 20
_CUT = "The changes of {number} are left out, because a comment has a limit. `plinth preview --diff` prints them."
_CENT = Decimal("0.01")


def as_markdown(review: Review, *, limit: int) -> str:
    """Returns the comment with at most ``limit`` characters. The changes of the last stacks are left out first."""
    parts = [part for part in (MARKER, _heading(review), *_body(review), _footer(review)) if part]
    details = [_details(stack, outcome) for stack, outcome in review.changed.items() if outcome.differences]

    def text(shown: int) -> str:
        left = len(details) - shown
        cut = [_CUT.format(number=counted(left, "stack"))] if left else []
        return "\n\n".join([*parts[:-1], *details[:shown], *cut, parts[-1]]) + "\n"

    if len(whole := text(len(details))) <= limit:
        return whole
    # Each further stack makes the text longer, so a few trials find the most that fit, also among thousands.
    fitting = bisect_right(range(len(details)), limit, key=lambda shown: len(text(shown)))
    return text(fitting - 1) if fitting else _cut(text(0), limit)


def _heading(review: Review) -> str:
    if review.problems:
        return "### Plinth: no preview"
    if not review.reasons and not review.removed:
        return "### Plinth: no stack is affected"
    findings = []
    if review.refusals:
        findings.append(f"refused by {counted(len({problem.rule for _, problem in review.refusals}), 'rule')}")
    if review.errors:
        findings.append(f"{counted(len(review.errors), 'error')}")
    return f"### Plinth: {', '.join([review.extent, *findings])}"


def _body(review: Review) -> Iterator[str]:
    if review.problems:
        yield "\n\n".join(map(code_block, review.problems))
    if review.policy_files:
        names = ", ".join(map(_code, review.policy_files))
        yield f"**This change edits policies.** Those of {_code(review.revision)} judged it. Edited: {names}."
    if review.relaxed:
        yield "**The placement relaxes rules:**\n\n" + "\n".join(f"- {_code(rule)}" for rule in review.relaxed)
    yield from _refusals(review)
    yield from _errors(review)
    if review.outcomes:
        yield _table(review)
    if review.removed:
        names = ", ".join(map(_code, review.removed))
        yield f"**No longer in the settings:** {names}. What they deployed stays until `plinth destroy` deletes it."
    yield from _removals(review)
    if review.cost is not None:
        yield _cost(review.cost)


def _refusals(review: Review) -> Iterator[str]:
    by_rule = sorted(review.refusals, key=lambda found: found[1].rule)
    for rule, found in groupby(by_rule, key=lambda found: found[1].rule):
        yield f"**Refused by {_code(rule)}**\n\n" + "\n".join(_findings(list(found)))


def _findings(found: Sequence[tuple[str, Problem]]) -> Iterator[str]:
    by_message: dict[str, list[str]] = {}
    for stack, problem in found:
        resource = resource_name(problem.urn) if problem.urn else "the stack"
        by_message.setdefault(problem.finding, []).append(f"- {_code(stack)}: {_code(resource)}")
    for message, resources in by_message.items():
        yield from dict.fromkeys(resources)
        yield f"\n{code_block(message)}\n"


def _errors(review: Review) -> Iterator[str]:
    by_message: dict[str, list[str]] = {}
    for stack, problem in review.errors:
        by_message.setdefault(problem.message, []).append(_code(stack))
    for message, stacks in by_message.items():
        yield f"**Error** in {', '.join(dict.fromkeys(stacks))}\n\n{code_block(message)}"


def _table(review: Review) -> str:
    rows = ["| team | stack | create | update | replace | delete | result | affected because |"]
    rows.append("|---|---|---:|---:|---:|---:|---|---|")
    stacks = sorted(review.changed, key=lambda stack: review.teams.get(stack, ""))
    for stack in stacks:
        outcome = review.outcomes[stack]
        steps = Counter(outcome.changes)
        steps["create"] += steps.pop("import", 0)
        numbers = " | ".join(str(steps[step] or "") for step in _STEPS)
        team = _code(review.teams[stack]) if stack in review.teams else "shared"
        rows.append(f"| {team} | {_code(stack)} | {numbers} | {outcome.status} | {_code(review.reasons[stack])} |")
    unchanged = len(review.outcomes) - len(stacks)
    without = f"{counted(unchanged, 'stack')} previewed without changes." if unchanged else ""
    return "\n\n".join(part for part in ("\n".join(rows) if stacks else "", without) if part)


def _removals(review: Review) -> Iterator[str]:
    if not review.removals:
        return
    lines = [
        f"- {_code(stack)}: {removal.step} {_code(resource_name(removal.urn))}"
        + (f" because of {', '.join(map(_code, removal.reasons))}" if removal.reasons else "")
        for stack, removal in review.removals[:_SHOWN_REMOVALS]
    ]
    more = len(review.removals) - _SHOWN_REMOVALS
    if more > 0:
        lines.append(f"- and {more} more")
    yield f"**{counted(len(review.removals), 'resource')} would be replaced or deleted**\n\n" + "\n".join(lines)


def _cost(cost: CostChange) -> str:
    prices = f", at the prices of {cost.prices_of} for want of those of the home region" if cost.prices_of else ""
    if not cost.by_account:
        return f"**Fixed cost:** unchanged, {_usd(cost.after)} a month{prices}."
    accounts = ", ".join(f"{_code(label)} {_signed(usd)}" for label, usd in cost.by_account.items())
    change = _signed(cost.after - cost.before)
    return f"**Fixed cost:** {change} a month, from {_usd(cost.before)} to {_usd(cost.after)} ({accounts}){prices}."


def _details(stack: str, outcome: Outcome) -> str:
    changes = "\n".join(line.removeprefix("  ") for line in as_lines(outcome.differences))
    summary = f"{_text(stack)}: {counted(outcome.changed, 'change')}"
    return f"<details><summary>{summary}</summary>\n\n{code_block(changes)}\n\n</details>"


def _footer(review: Review) -> str:
    base = f"Compared with {_code(review.revision)} at {_code(review.commit[:_SHORT_HASH])}, whose policies judged. "
    about = "A preview compares the settings with the states; it does not read AWS."
    return f"<sub>{base if review.commit else ''}{about}</sub>"


def _code(text: str) -> str:
    """Returns the text as a code span, which interprets neither HTML nor mentions."""
    line = " ".join(text.split()).replace("|", "\\|")
    fence = "`" * (max(map(len, _FENCE.findall(line)), default=0) + 1)
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _text(text: str) -> str:
    """Returns a name for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, limit: int) -> str:
    """Returns the start of a text that is too long even without changes, with its open block closed."""
    end = "\n…\n"
    head = text[: limit - len(end) - len("\n```")]
    opened = sum(1 for line in head.splitlines() if line.startswith("```")) % 2
    return head + ("\n```" if opened else "") + end


def _usd(amount: Decimal) -> str:
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):,} USD"


def _signed(amount: Decimal) -> str:
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):+,} USD"
