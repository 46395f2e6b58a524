"""Schedule expressions as EventBridge, EventBridge Scheduler and Glue document them."""

import pytest

from plinth_sandbox.emulator.services.events.checks.schedule_grammar import is_cron, is_glue_cron, is_one_time, is_rate


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 10 * * ? *)",
        "cron(15 12 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)",
        "cron(0/10 * ? * MON-FRI *)",
        "cron(0/5 8-17 ? * mon-fri *)",
        "cron(0 9 ? * 2#1 *)",
        "cron(0 9 ? * FRI#2 *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W * ? 2026-2030)",
        "cron(0 0 LW JAN,JUL ? *)",
        "cron(0 0 ? * 6L *)",
        "cron(*/15 0,12 ? * * *)",
    ],
)
def test_a_documented_cron_expression_is_accepted(expression: str) -> None:
    assert is_cron(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 3 * * *)",
        "cron(0 3 * * * *)",
        "cron(0 3 ? * ? *)",
        "cron(0 3 1 * MON *)",
        "cron(99 3 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 3 0 * ? *)",
        "cron(0 3 32 * ? *)",
        "cron(0 3 * 13 ? *)",
        "cron(0 3 ? * 0 *)",
        "cron(0 3 ? * 8 *)",
        "cron(0 3 ? * FRY *)",
        "cron(0 3 ? * 2#6 *)",
        "cron(0 3 * * ? 1969)",
        "cron(0 3 32W * ? *)",
        "cron(? 3 * * ? *)",
        "cron(0/0 3 * * ? *)",
        "cron(0- 3 * * ? *)",
        "cron(0 3,, * * ? *)",
        "cron(0 3 * * ? *",
        "0 3 * * ? *",
        "every night",
    ],
)
def test_any_other_cron_expression_is_refused(expression: str) -> None:
    assert not is_cron(expression)


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("cron(0 3 * * ? *)", True),
        ("cron(0/5 22-2 ? * MON-FRI *)", True),
        ("cron(0 3 ? * L *)", True),
        ("cron(0 3 ? * 2#1 *)", False),
        ("cron(0 3 ? * FRIL *)", False),
        ("cron(0 3 LW * ? *)", False),
        ("cron(* * * * ? *)", False),
        ("cron(0,58 * * * ? *)", False),
        ("cron(0,3 3 * * ? *)", False),
        ("rate(1 day)", False),
    ],
)
def test_glue_has_fewer_wildcards_and_starts_every_five_minutes_at_most(expression: str, accepted: bool) -> None:
    assert is_glue_cron(expression) == accepted


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("rate(1 minute)", True),
        ("rate(5 minutes)", True),
        ("rate(1 day)", True),
        ("rate(12 hours)", True),
        ("rate(1 minutes)", False),
        ("rate(5 minute)", False),
        ("rate(0 minutes)", False),
        ("rate(1.5 hours)", False),
        ("rate(2 weeks)", False),
        ("rate(5minutes)", False),
    ],
)
def test_the_unit_of_a_rate_agrees_with_its_number(expression: str, accepted: bool) -> None:
    assert is_rate(expression) == accepted


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [("at(2026-11-21T03:00:00)", True), ("at(2026-11-31T03:00:00)", False), ("at(2026-11-21)", False)],
)
def test_a_one_time_schedule_names_a_moment(expression: str, accepted: bool) -> None:
    assert is_one_time(expression) == accepted
