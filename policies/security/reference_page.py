"""Writes docs/reference/policies.md from the rules: `python -m policies.security.reference_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from policies.security.rule import EVERY_AWS_RESOURCE, Rule
from policies.security.rule_list import PACK_NAME, RULES
from settings.types.kinds import KINDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "policies.md"

_INTRODUCTION = f"""\
<!-- Generated from policies/security by `python -m policies.security.reference_page`. -->
# Security rules

The policy pack `{PACK_NAME}` judges every resource before the engine creates or changes it, in every `plinth preview`
and `plinth up`. A mandatory rule stops both; an advisory one is printed. A stack whose name says no kind that is known
here is judged as production.

A preview cannot know every value. What is absent is refused at once; what only the deployment will know passes the
preview and is judged during `up`, before the resource is made. There are no suppressions: where a rule and the
foundation disagree, one of them is changed.

A finding reads `<rule> <title>: <resource> <what is wrong>; <how to mend it>` and never quotes a property's value.
"""


def page(rules: Iterable[Rule] = RULES) -> str:
    """The reference page, which is the same for the same rules."""
    rules = list(rules)
    rows = [f"| [{rule.id}](#{rule.id.lower()}) | {rule.title} | {rule.severity} | {_levels(rule)} |" for rule in rules]
    table = ["| rule | | severity | level |", "|---|---|---|---|", *rows]
    return "\n".join([_INTRODUCTION, *table, "", *map(_section, rules)])


def _levels(rule: Rule) -> str:
    """Where it is relaxed; of a rule that most kinds are free of, where it holds."""
    holds = [kind for kind in reversed(KINDS) if rule.level_in(kind) != "off"]
    if len(holds) < len(KINDS) / 2:
        levels = [*(f"{rule.level_in(kind)} in {kind}" for kind in holds), "off elsewhere"]
    else:
        levels = ["mandatory", *(f"{level} in {kind}" for kind, level in rule.exceptions.items())]
    if any(relation.advises for relation in rule.relations):
        levels.append("advisory in part")
    return "; ".join(levels)


def _section(rule: Rule) -> str:
    judged = dict.fromkeys([*rule.judges, *(type_ for relation in rule.relations for type_ in relation.types)])
    types = ", ".join("every AWS resource" if type_ == EVERY_AWS_RESOURCE else f"`{type_}`" for type_ in judged)
    return f"""\
## {rule.id}
**{rule.title}.** {rule.remedy}

Severity {rule.severity}; {_levels(rule)}. After {", ".join(rule.sources)}.

Judges {types}.
"""


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(
        f"{PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}: {len(RULES)} rules\n"
    )


if __name__ == "__main__":
    main()
