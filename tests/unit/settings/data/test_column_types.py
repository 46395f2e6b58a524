"""Types of columns: what Athena reads is accepted, and everything else is refused with a valid type."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from settings.data.column_types import column_type

ACCEPTED = [
    "string",
    "decimal(38,38)",
    "decimal(12,0)",
    "char(255)",
    "varchar(65535)",
    "array<string>",
    "array<array<int>>",
    "map<string,decimal(12,2)>",
    "map<string,array<int>>",
    "struct<a:int,b:struct<a:map<int,string>>>",
]
REFUSED = [
    ("decimal(40,2)", "the precision of a decimal is 1 to 38"),
    ("decimal(0,0)", "the precision of a decimal is 1 to 38"),
    ("decimal(5,9)", "the scale of a decimal is at most its precision"),
    ("decimal(5,99)", "the scale of a decimal is at most its precision"),
    ("char(300)", "the length of a char is 1 to 255"),
    ("char(0)", "the length of a char is 1 to 255"),
    ("varchar(70000)", "the length of a varchar is 1 to 65,535"),
    ("map<string>", "map has 2 types in brackets"),
    ("map<array<int>,string>", "the key of a map is primitive"),
    ("array<foo>", "contains foo: it is not a complete Hive type"),
    ("array<int,int>", "array has 1 type in brackets"),
    ("array<>", "contains an empty type"),
    ("array<array<int>", "contains array<int: it is not a complete Hive type"),
    ("array<int>>", "contains int>: it is not a complete Hive type"),
    ("struct<a>", "a struct lists names and types"),
    ("struct<a:int,a:int>", "a struct has a name twice"),
    ("struct<a:decimal(40,2)>", "the precision of a decimal is 1 to 38"),
    ("integer", "it is not a complete Hive type"),
    ("decimal", "it is not a complete Hive type"),
    ("STRING", "it is not a complete Hive type"),
    ("array<string> ", "it is not a complete Hive type"),
]


def suggestion(text):
    """Returns the type that the refusal of a type suggests; None if the type is accepted."""
    try:
        assert column_type(text) == text
    except PydanticCustomError as error:
        return str((error.context or {})["fix"]).removeprefix("write ")
    return None


@pytest.mark.parametrize("text", ACCEPTED)
def test_a_type_that_athena_reads_is_accepted(text):
    assert suggestion(text) is None


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_any_other_type_is_refused_with_a_valid_one(text, said):
    with pytest.raises(PydanticCustomError, match=re.escape(said)):
        column_type(text)
    assert suggestion(suggestion(text)) is None


def test_a_type_has_at_most_2000_characters():
    with pytest.raises(PydanticCustomError, match="has 4,003 characters"):
        column_type("array<" * 500 + "int" + ">" * 1000)


@given(st.text(alphabet="arymapstuctindecl<>(),:0123456789", max_size=40))
def test_no_text_ends_the_check_with_another_error(text):
    suggested = suggestion(text)
    assert suggested is None or suggestion(suggested) is None
