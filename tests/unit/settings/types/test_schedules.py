"""Schedules of EventBridge and Glue: what AWS accepts is accepted, and everything else is refused with a fix."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from settings.types.data_grammar import schedule


@pytest.mark.parametrize(
    "text",
    [
        "rate(1 day)",
        "rate(5 minutes)",
        "cron(0 3 * * ? *)",
        "cron(15 12 ? * MON-FRI *)",
        "cron(0/15 8-17 ? JAN,JUL 2#1 *)",
        "cron(0,30 */2 L * ? 2030-2040)",
        "cron(0 8 15W * ? *)",
        "cron(0 8 ? * 6L *)",
    ],
)
def test_a_schedule_that_aws_accepts_is_accepted(text):
    assert schedule(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cron(99 99 * * ? *)", "99 for the minutes, which are 0 to 59"),
        ("cron(0 24 * * ? *)", "24 for the hours, which are 0 to 23"),
        ("cron(0 3 0 * ? *)", "0 for the days, which are 1 to 31"),
        ("cron(0 3 32W * ? *)", "32W for the days"),
        ("cron(0 3 * 13 ? *)", "13 for the months, which are 1 to 12 or names"),
        ("cron(0 3 ? * MOO *)", "MOO for the weekdays, which are 1 to 7 or names"),
        ("cron(0 3 ? * 2#6 *)", "2#6 for the weekdays"),
        ("cron(0 3 * * ? 1969)", "1969 for the years, which are 1970 to 2199"),
        ("cron(0,,5 3 * * ? *)", "0,,5 for the minutes"),
        ("cron(0 3 ?,5 * ? *)", "?,5 for the days"),
        ("cron(0/0 3 * * ? *)", "0/0 for the minutes"),
        ("cron(0 3 * * * *)", "* for the day and * for the weekday; exactly one of both is ?"),
        ("cron(0 3 1 * MON *)", "1 for the day and MON for the weekday; exactly one of both is ?"),
        ("cron(0 3 ? * ? *)", "? for the day and ? for the weekday; exactly one of both is ?"),
        ("cron(* * * * ? *)", "is more frequent than every 5 minutes"),
        ("cron(0/1 * * * ? *)", "is more frequent than every 5 minutes"),
        ("cron(0 3 * * ?)", "is not a schedule"),
        ("at(2020-01-01T03:00:00)", "is not a schedule"),
        ("rate(1 minute)", "is more frequent than every 5 minutes"),
        ("rate(1 days)", "is not a schedule"),
    ],
)
def test_a_schedule_that_aws_refuses_or_that_is_too_frequent_is_refused_with_the_field(text, said):
    with pytest.raises(PydanticCustomError, match=re.escape(said)):
        schedule(text)


@given(st.text(alphabet="0123456789*?/,-#LWMON ", max_size=30))
def test_no_text_between_the_parentheses_ends_the_check_with_another_error(text):
    try:
        accepted = schedule(f"cron({text})")
    except PydanticCustomError:
        return
    assert accepted == f"cron({text})"
