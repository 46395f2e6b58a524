"""Text formats of data settings: columns, features, folders, scripts.

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


def column_name(text: str) -> str:
    """Checks a column name that Glue and Athena accept without quotes."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,254}", text):
        rule = "is not a column name: 1-255 lower-case letters, digits and underscores, not starting with a digit"
        raise refusal(Code.COLUMN, rule, f"try {re.sub(r'[^a-z0-9_]+', '_', text.lower()) or 'amount'}")
    return text


def row_filter(text: str) -> str:
    """Checks a row filter condition of Lake Formation. Semicolons and comments, which could add SQL, are refused."""
    if not 1 <= len(text.strip()) <= 2048 or ";" in text or "--" in text:
        rule = "is not a row condition: 1-2048 characters, without semicolons and comments"
        raise refusal(Code.COLUMN, rule, "write a condition such as country <> 'LI'")
    return text
