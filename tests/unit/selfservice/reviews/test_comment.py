"""The comment on a pull request, as Markdown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from markdown_it import MarkdownIt

from selfservice.operations.operation import Difference, Outcome, Problem, PropertyChange, Status
from selfservice.reviews.comment import MARKER, as_markdown
from selfservice.reviews.review import CostChange, Review

LIMIT = 65_536
KEY = "urn:pulumi:fraud::small::aws:kms/key:Key::key"
BUDGET = "urn:pulumi:fraud::small::aws:budgets/budget:Budget::budget"


def review(**changes):
    described = {
        "revision": "origin/main",
        "commit": "0123456789abcdef",
        "stacks": 9,
        "teams": {"fraud": "fraud"},
        "reasons": {"fraud": "Pulumi.fraud.yaml changed"},
        "outcomes": {},
    }
    return Review(**{**described, **changes})


def outcome(**changes):
    return Outcome(**{"status": Status.SUCCEEDED, **changes})


def rendered(found, limit=LIMIT):
    """HTML of the comment, as a forge shows it, without what stands in code."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(as_markdown(found, limit=limit))
    inline = [child for token in tokens for child in token.children or [] if child.type != "code_inline"]
    return "\n".join(
        token.content for token in [*tokens, *inline] if token.type in ("text", "html_inline", "html_block")
    )


def test_changes_are_counted_by_team_and_stack():
    changes = {"create": 2, "import": 1, "update": 3, "replace": 1}
    text = as_markdown(review(outcomes={"fraud": outcome(changes=changes)}), limit=LIMIT)
    assert text.startswith(f"{MARKER}\n\n### Plinth: 1 of 9 stacks would change\n")
    assert "| `fraud` | `fraud` | 3 | 3 | 1 |  | succeeded | `Pulumi.fraud.yaml changed` |" in text
    assert "Compared with `origin/main` at `0123456789ab`" in text


def test_data_that_an_update_would_delete_without_a_waiver_is_an_error():
    lost = Problem(urn=KEY, message="replaces a key; add a waiver to plinth:organization.waivers")
    text = as_markdown(review(outcomes={"fraud": outcome(changes={"replace": 1}, unwaived=(lost,))}), limit=LIMIT)
    assert "### Plinth: 1 of 9 stacks would change, 1 error" in text
    assert "**Error** in `fraud`\n\n```text\nreplaces a key; add a waiver to plinth:organization.waivers\n```" in text


def test_a_refusal_names_rule_resource_and_fix_once():
    said = "pack/high-rules: checks\nNW-03 No NAT gateways: nat_gateway is set. Remove it."
    problems = tuple(Problem(message=said, urn=urn, rule="NW-03 No NAT gateways") for urn in (KEY, BUDGET))
    text = as_markdown(review(outcomes={"fraud": outcome(status=Status.REFUSED, problems=problems)}), limit=LIMIT)
    assert "### Plinth: 0 of 9 stacks would change, refused by 1 rule" in text
    assert "**Refused by `NW-03 No NAT gateways`**" in text
    assert text.count("nat_gateway is set. Remove it.") == 1
    assert "- `fraud`: `aws:kms/key:Key key`\n- `fraud`: `aws:budgets/budget:Budget budget`" in text


def test_errors_are_told_apart_from_refusals():
    failed = outcome(status=Status.FAILED, problems=(Problem(message="access denied"),))
    text = as_markdown(review(outcomes={"fraud": failed}), limit=LIMIT)
    assert "1 error" in text
    assert "**Error** in `fraud`\n\n```text\naccess denied\n```" in text


def test_replacements_and_deletions_stand_out():
    differences = (
        Difference(urn=KEY, step="replace", reasons=("policy",)),
        Difference(urn=BUDGET, step="delete"),
    )
    changed = outcome(changes={"replace": 1, "delete": 1}, differences=differences)
    text = as_markdown(review(outcomes={"fraud": changed}), limit=LIMIT)
    assert "**2 resources would be replaced or deleted**" in text
    assert "- `fraud`: replace `aws:kms/key:Key key` because of `policy`" in text


def test_cost_and_edited_policies_and_removed_stacks_are_shown():
    cost = CostChange(before=Decimal("1000"), after=Decimal("1064.5"), by_account={"fraud-production": Decimal("64.5")})
    found = review(cost=cost, policy_files=["policies/rules.py"], removed=["churn"], relaxed=["NW-01: one network"])
    text = as_markdown(found, limit=LIMIT)
    assert (
        "**Fixed cost:** +64.50 USD a month, from 1,000.00 USD to 1,064.50 USD (`fraud-production` +64.50 USD)." in text
    )
    assert "**This change edits policies.** Those of `origin/main` judged it. Edited: `policies/rules.py`." in text
    assert "**No longer in the settings:** `churn`." in text
    assert "- `NW-01: one network`" in text


HOSTILE = "</details>\n```\n@everyone <img src=x onerror=alert(1)> | [click](https://evil.example) ````"


@pytest.mark.parametrize("place", ["reason", "message", "value", "file", "error"])
@pytest.mark.threat("T-11")
def test_nothing_from_the_change_is_markdown_or_html(place):
    values = {"reason": "changed", "message": "wrong", "value": "old", "file": "policies/rules.py", "error": ""}
    values[place] = HOSTILE
    difference = Difference(
        urn=BUDGET, step="update", properties=(PropertyChange(path="limit", old="1", new=values["value"]),)
    )
    problem = Problem(message=f"XX-01 Rule: {values['message']}", urn=BUDGET, rule="XX-01 Rule")
    changed = outcome(changes={"update": 1}, differences=(difference,), problems=(problem,))
    found = review(
        reasons={"fraud": values["reason"]},
        outcomes={"fraud": changed},
        policy_files=[values["file"]],
        problems=[values["error"]] if values["error"] else [],
    )
    visible = rendered(found)
    for part in ("@everyone", "<img", "evil.example"):
        assert part in as_markdown(found, limit=LIMIT)
        assert part not in visible


def test_a_long_comment_leaves_out_changes_of_the_last_stacks_and_says_so():
    def many(number):
        made = [Difference(urn=f"{KEY}-{number}-{index}", step="update", properties=()) for index in range(300)]
        return outcome(changes={"update": 300}, differences=tuple(made))

    stacks = [f"stack-{number}" for number in range(10)]
    found = review(
        teams={}, reasons=dict.fromkeys(stacks, "changed"), outcomes={stack: many(stack) for stack in stacks}
    )
    text = as_markdown(found, limit=60_000)
    assert 40_000 < len(text) <= 60_000
    assert "`plinth preview --diff` prints them" in text
    assert "<summary>stack-0: 300 changes</summary>" in text
    assert "<summary>stack-9" not in text
    short = as_markdown(review(problems=["x" * 5_000]), limit=1_000)
    assert len(short) <= 1_000
    assert short.count("```") == 2


def test_an_error_of_the_settings_is_shown_alone():
    text = as_markdown(review(problems=["Pulumi.fraud.yaml:3: unknown field"]), limit=LIMIT)
    assert "### Plinth: no preview" in text
    assert "```text\nPulumi.fraud.yaml:3: unknown field\n```" in text


def test_a_change_without_effect_says_so():
    assert "### Plinth: no stack is affected" in as_markdown(review(reasons={}), limit=LIMIT)
