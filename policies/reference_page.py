"""Generates docs/reference/policies.md from the rules: `python -m policies.reference_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE, Rule
from policies.rule_list import PACK_NAME, RULES
from settings.types.kinds import KINDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "policies.md"

_INTRODUCTION = f"""\
<!-- Generated from the rules in policies by `python -m policies.reference_page`. -->
# Security rules

The policy pack `{PACK_NAME}` checks every resource before the engine creates or changes it, in every `plinth preview`
and `plinth up`. A finding of a mandatory rule stops both; a finding of an advisory rule is only printed. A stack whose
name contains no known kind is checked as production.

A preview does not know every value. A missing value is a finding at once. A value that is unknown until deployment
passes the preview and is checked during `up`, before the resource is created. There are no suppressions: if a rule and
the foundation disagree, one of them is changed.

A finding reads `<rule> <title>: <resource> <what is wrong>; <how to fix it>` and never contains a property's value.
"""


def page(rules: Iterable[Rule] = RULES) -> str:
    """Returns the text of the reference page."""
    rules = list(rules)
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {rule.severity} | {_levels(rule)} |" for rule in rules]
    table = ["| rule | title | severity | level |", "|---|---|---|---|", *rows]
    return "\n".join([_INTRODUCTION, *table, "", *map(_section, rules)])


def _levels(rule: Rule) -> str:
    """Describes the kinds in which a rule is relaxed, or, if it is off in most kinds, the kinds in which it applies."""
    applies = [kind for kind in reversed(KINDS) if rule.level_in(kind) != "off"]
    if len(applies) < len(KINDS) / 2:
        levels = [*(f"{rule.level_in(kind)} in {kind}" for kind in applies), "off elsewhere"]
    else:
        levels = ["mandatory", *(f"{level} in {kind}" for kind, level in rule.exceptions.items())]
    if any(stack_check.is_advisory for stack_check in rule.stack_checks):
        levels.append("partly advisory")
    return "; ".join(levels)


_PLACEHOLDERS = {EVERY_AWS_RESOURCE: "every AWS resource", EVERY_RESOURCE: "every resource"}


def _section(rule: Rule) -> str:
    checked = dict.fromkeys(
        [*rule.checks, *(type_ for stack_check in rule.stack_checks for type_ in stack_check.types)]
    )
    types = ", ".join(_PLACEHOLDERS.get(type_, f"`{type_}`") for type_ in checked)
    return f"""\
## {rule.id}
**{rule.title}.** {rule.remedy}

Severity {rule.severity}; {_levels(rule)}. Sources: {", ".join(rule.sources)}.

Checks {types}.
"""


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(
        f"{PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}: {len(RULES)} rules\n"
    )


if __name__ == "__main__":
    main()
