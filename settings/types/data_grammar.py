"""Text formats of data settings: columns, features, folders, scripts, schedules.

Each check raises a refusal that suggests the nearest valid value.
"""

from __future__ import annotations

import re

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.grammar import refuse_unusual_characters

OFFLINE_STORE_COLUMNS = ("api_invocation_time", "is_deleted", "write_time")
"""Columns that Feature Store adds to an offline store (SageMaker Developer Guide, "Offline store data format")."""


def feature_name(text: str) -> str:
    """Checks a name that both Feature Store and Athena accept. The Glue Data Catalog only stores lower case."""
    if text in OFFLINE_STORE_COLUMNS:
        rule = f"is a column that Feature Store adds ({', '.join(OFFLINE_STORE_COLUMNS)})"
        raise refusal(Code.FEATURES, rule, f"try {text}_of_event")
    if len(text) > 64 or not re.fullmatch(r"[a-z](_*[a-z0-9])*", text):
        rule = "is not a feature name: 1-64 lower-case letters, digits and inner underscores, starting with a letter"
        raise refusal(
            Code.FEATURES, rule, f"try {re.sub(r'[^a-z0-9]+', '_', text.lower()).strip('_')[:64] or 'amount'}"
        )
    return text


def metric_name(text: str) -> str:
    """Checks the name of a metric, which is a key of the metadata of a model version."""
    if len(text) > 64 or not re.fullmatch(r"[a-z](_*[a-z0-9])*", text):
        rule = "is not the name of a metric: 1-64 lower-case letters, digits and inner underscores"
        fix = f"try {re.sub(r'[^a-z0-9]+', '_', text.lower()).strip('_')[:64] or 'f1'}"
        raise refusal(Code.MINIMUM_GATE, rule, fix)
    return text


def feature_group_description(text: str) -> str:
    refuse_unusual_characters(text)
    if len(text) > 128:
        rule = f"has {len(text)} characters; the description of a feature group has at most 128"
        raise refusal(Code.FEATURES, rule, f"shorten it by {len(text) - 128}")
    return text


def script_path(text: str) -> str:
    """Checks the path of a Python file inside the repository."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.py", text):
        rule = "is not the path of a Python file inside the repository: names of letters, digits, _ and -, with slashes"
        raise refusal(Code.SCRIPT, rule, "write it relative to the repository root: etl/card_payments.py")
    return text


def folder(text: str) -> str:
    """Checks a folder of a bucket, written without a trailing slash."""
    if len(text) > 200 or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*", text):
        rule = "is not a folder: up to 200 lower-case letters, digits, _ and -, with slashes between names"
        raise refusal(Code.FOLDER, rule, "write its path in the bucket: cards, or results/fraud/production")
    return text


def schedule(text: str) -> str:
    """Checks a schedule of EventBridge or Glue: a cron of six fields, or a rate of five minutes or more."""
    if found := re.fullmatch(r"rate\(([1-9][0-9]{0,4}) (minute|hour|day)s?\)", text):
        number, unit = int(found[1]), found[2]
        if unit == "minute" and number < 5:
            raise refusal(Code.SCHEDULE, "is more frequent than every 5 minutes", "the nearest is rate(5 minutes)")
        if text.endswith("s)") == (number > 1):
            return text
    elif found := re.fullmatch(r"cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)", text):
        _check_cron_fields(found[1].split())
        return text
    rule = "is not a schedule: cron(minutes hours day month weekday year) with ? for one of the days, or rate(1 day)"
    raise refusal(Code.SCHEDULE, rule, "for every night at three, write cron(0 3 * * ? *)")


_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_CRON_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minutes", 0, 59, []),
    ("hours", 0, 23, []),
    ("days", 1, 31, []),
    ("months", 1, 12, _MONTHS),
    ("weekdays", 1, 7, _WEEKDAYS),
    ("years", 1970, 2199, []),
)
"""Name, smallest and largest number, and names of the values of each field (EventBridge User Guide, "Cron expressions
reference")."""
_SPECIAL = {"days": r"\?|L|LW|([0-9]+)W", "weekdays": r"\?|L|([0-9]+)L|([0-9]+)#[1-5]"}


def _check_cron_fields(fields: list[str]) -> None:
    """Raises a refusal that names the first field whose value AWS would refuse."""
    for (name, least, most, names), text in zip(_CRON_FIELDS, fields, strict=True):
        parts = [text] if "?" in text else text.split(",")
        if not all(_is_cron_part(part, name, least, most, names) for part in parts):
            rule = f"has {text} for the {name}, which are {least} to {most}" + (" or names" if names else "")
            raise refusal(Code.SCHEDULE, rule, f"write values, ranges (a-b), steps (a/b) or * for the {name}")
    if (fields[2] == "?") == (fields[4] == "?"):
        rule = f"has {fields[2]} for the day and {fields[4]} for the weekday; exactly one of both is ?"
        raise refusal(Code.SCHEDULE, rule, "for every Monday at three, write cron(0 3 ? * MON *)")
    if re.fullmatch(r"\*|(\*|[0-9]+(-[0-9]+)?)/[1-4]", fields[0]):
        raise refusal(Code.SCHEDULE, "is more frequent than every 5 minutes", "the nearest for the minutes is 0/5")


def _is_cron_part(text: str, name: str, least: int, most: int, names: list[str]) -> bool:
    special = re.fullmatch(_SPECIAL[name], text) if name in _SPECIAL else None
    if special is not None:
        return all(least <= int(number) <= most for number in special.groups() if number)
    span, slash, step = text.partition("/")
    if slash and not re.fullmatch(r"[1-9][0-9]{0,3}", step):
        return False
    values = [str(names.index(one) + least) if one in names else one for one in span.split("-", 1)]
    if values == ["*"]:
        return True
    return all(re.fullmatch(r"[0-9]{1,4}", one) and least <= int(one) <= most for one in values)


def column_name(text: str) -> str:
    """Checks a column name that Glue and Athena accept without quotes."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,254}", text):
        rule = "is not a column name: 1-255 lower-case letters, digits and underscores, not starting with a digit"
        raise refusal(Code.COLUMN, rule, f"try {re.sub(r'[^a-z0-9_]+', '_', text.lower()) or 'amount'}")
    return text


_HIVE_TYPE = re.compile(
    r"(?:(?:boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp)"
    r"|(?:decimal\([0-9]{1,2},[0-9]{1,2}\))|(?:(?:var)?char\([0-9]{1,5}\))"
    r"|(?:(?:array|map|struct)<[a-z0-9_:,<>()]{1,2000}>))"
)


def column_type(text: str) -> str:
    if not _HIVE_TYPE.fullmatch(text):
        rule = "is not a Hive type (string, bigint, double, decimal(12,2), timestamp, array<string> …)"
        raise refusal(Code.COLUMN, rule, "write it in lower case and without spaces")
    return text


def row_filter(text: str) -> str:
    """Checks a row filter condition of Lake Formation. Semicolons and comments, which could add SQL, are refused."""
    if not 1 <= len(text.strip()) <= 2048 or ";" in text or "--" in text:
        rule = "is not a row condition: 1-2048 characters, without semicolons and comments"
        raise refusal(Code.COLUMN, rule, "write a condition such as country <> 'LI'")
    return text
