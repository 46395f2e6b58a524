"""Schedules of EventBridge and Glue: what a service accepts is accepted, and everything else is refused with a fix."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from plinth_sandbox.emulator.services.events.checks.schedule_grammar import is_cron, is_glue_cron, is_rate
from settings.types.aws.schedules import event_schedule, glue_schedule

BOTH = [
    "cron(0 3 * * ? *)",
    "cron(15 12 ? * MON-FRI *)",
    "cron(0,30 */2 L * ? 2030-2040)",
    "cron(0 8 15W * ? *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(0 3 29 2 ? *)",
    "cron(0 3 31 1,2 ? *)",
    "cron(58 3 * * ? *)",
    "cron(0 22-2 ? * FRI-MON *)",
]
OF_EVENTS = ["rate(1 day)", "rate(5 minutes)", "cron(0/15 8-17 ? JAN,JUL 2#1 *)", "cron(0 8 ? * 6L *)"]
REFUSED_BY_BOTH = [
    ("cron(99 99 * * ? *)", "99 for the minutes, which are 0 to 59"),
    ("cron(0 24 * * ? *)", "24 for the hours, which are 0 to 23"),
    ("cron(0 3 0 * ? *)", "0 for the days, which are 1 to 31"),
    ("cron(0 3 32W * ? *)", "32W for the days"),
    ("cron(0 3 * 13 ? *)", "13 for the months, which are 1 to 12 or names"),
    ("cron(0 3 ? * MOO *)", "MOO for the weekdays, which are 1 to 7 or names"),
    ("cron(0 3 ? * 2#6 *)", "2#6 for the weekdays"),
    ("cron(15 12 ? * -1 *)", "-1 for the weekdays"),
    ("cron(99 77 ? * MON *)", "99 for the minutes"),
    ("cron(0 3 * * ? 1969)", "1969 for the years, which are 1970 to 2199"),
    ("cron(0,,5 3 * * ? *)", "0,,5 for the minutes"),
    ("cron(0,* 3 * * ? *)", "0,* for the minutes"),
    ("cron(0- 3 * * ? *)", "0- for the minutes"),
    ("cron(? 3 * * ? *)", "? for the minutes"),
    ("cron(0 3 ?,5 * ? *)", "?,5 for the days"),
    ("cron(0/0 3 * * ? *)", "0/0 for the minutes"),
    ("cron(*/60 * * * ? *)", "*/60 for the minutes"),
    ("cron(0 3 * * * *)", "* for the day and * for the weekday; exactly one of both is ?"),
    ("cron(0 3 1 * MON *)", "1 for the day and MON for the weekday; exactly one of both is ?"),
    ("cron(0 3 ? * ? *)", "? for the day and ? for the weekday; exactly one of both is ?"),
    ("cron(* ? * * ? *)", "? for the hours"),
    ("cron(* * * * ? *)", "is more frequent than every 5 minutes"),
    ("cron(0/1 * * * ? *)", "is more frequent than every 5 minutes"),
    ("cron(0,2 3 * * ? *)", "is more frequent than every 5 minutes"),
    ("cron(0-59 3 * * ? *)", "is more frequent than every 5 minutes"),
    ("cron(0,58 * * * ? *)", "is more frequent than every 5 minutes"),
    ("cron(0 3 31 2 ? *)", "names a day that none of its months has"),
    ("cron(0 3 31 4,6,9,11 ? *)", "names a day that none of its months has"),
    ("cron(0 3 * * ? 2020-2025)", "names years that have passed"),
    ("cron(0 3 * * ?)", "is not a schedule"),
    ("at(2020-01-01T03:00:00)", "is not a schedule"),
]


def refused(check, text):
    """Returns the fix of a refusal, or None if the text is accepted."""
    try:
        assert check(text) == text
    except PydanticCustomError as error:
        return str((error.context or {})["fix"])
    return None


@pytest.mark.parametrize("text", BOTH + OF_EVENTS)
def test_a_schedule_that_eventbridge_accepts_is_accepted(text):
    assert event_schedule(text) == text
    assert is_cron(text) or is_rate(text)


@pytest.mark.parametrize("text", BOTH)
def test_a_schedule_that_glue_accepts_is_accepted(text):
    assert glue_schedule(text) == text
    assert is_glue_cron(text)


@pytest.mark.parametrize(("text", "said"), REFUSED_BY_BOTH)
@pytest.mark.parametrize("check", [event_schedule, glue_schedule])
def test_a_schedule_that_aws_refuses_or_that_is_too_frequent_is_refused_with_the_field(check, text, said):
    with pytest.raises(PydanticCustomError, match=re.escape(said)):
        check(text)


@pytest.mark.parametrize("text", OF_EVENTS)
def test_glue_has_neither_rates_nor_weekdays_of_a_month(text):
    assert not is_glue_cron(text)
    with pytest.raises(PydanticCustomError, match=r"is a rate, which Glue does not have|for the weekdays"):
        glue_schedule(text)


@pytest.mark.parametrize(("text", "fix"), [("rate(1 minute)", "rate(5 minutes)"), ("rate(1 days)", "rate(1 day)")])
def test_a_rate_that_is_too_frequent_or_has_another_unit_is_refused(text, fix):
    assert str(refused(event_schedule, text)).endswith(fix)


@pytest.mark.parametrize("rate", ["1 day", "7 days", "1 hour", "6 hours", "30 hours", "5 minutes", "90 minutes", "odd"])
def test_the_suggestion_instead_of_a_rate_is_a_schedule_of_glue(rate):
    suggested = re.search(r"cron\(.+\)", str(refused(glue_schedule, f"rate({rate})")))
    assert suggested is not None
    assert refused(glue_schedule, suggested[0]) is None


@given(st.text(alphabet="0123456789*?/,-#LWMON ", max_size=30), st.sampled_from([event_schedule, glue_schedule]))
def test_no_text_between_the_parentheses_ends_the_check_with_another_error(text, check):
    fix = refused(check, f"cron({text})") or ""
    for suggested in re.findall(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)", fix):
        assert refused(glue_schedule, suggested) is None


PARTS = ("*", "?", "0", "1", "5", "15", "31", "59", "1-5", "5-1", "*/5", "0/15", "0,30", "L", "LW", "15W", "2#1", "MON")


@given(st.lists(st.sampled_from(PARTS), min_size=6, max_size=6))
def test_what_the_settings_accept_the_sandbox_accepts_too(parts):
    expression = f"cron({' '.join(parts)})"
    for check, accepts in ((event_schedule, is_cron), (glue_schedule, is_glue_cron)):
        assert refused(check, expression) is not None or accepts(expression)
