"""For any file contents, the loader quickly returns or raises SettingsError."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.derived.foundation import Foundation
from settings.types.errors import SettingsError
from tests.unit.settings.project import TEAM, Project

words = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "no", "null", "1e3", "0x1f", "2024-01-01", "~", "=", "<<", "&a", "*a", "!x", "10.1.0.0/19", "{", "[", "]"]
    ),
)
scalars = st.one_of(words, st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.binary(max_size=8))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)
FIELDS = [*TEAM, "accounts", "tags", "name"]
examples = settings(deadline=None, max_examples=100)


def outcome(**files: bytes) -> Foundation | SettingsError:
    """Loads a project with these files in its stack directory."""
    with tempfile.TemporaryDirectory() as directory:
        project = Project(Path(directory)).team()
        for stack, content in files.items():
            project.write("Pulumi.yaml" if stack == "project" else f"environments/Pulumi.{stack}.yaml", content)
        started = time.process_time()
        try:
            return project.load()
        except SettingsError as error:
            return error
        finally:
            assert time.process_time() - started < 2


def check(result: Foundation | SettingsError) -> None:
    if isinstance(result, Foundation):
        return
    assert result.faults
    for fault in result.faults:
        message = str(fault)
        assert fault.rule
        assert fault.fix
        assert fault.file
        assert message.replace("…", "").isprintable()
        assert len(message) < 2000


@examples
@given(st.binary(max_size=400))
def test_any_bytes_in_a_team_file_are_loaded_or_refused(content: bytes):
    check(outcome(sales=content))


@examples
@given(st.text(max_size=400))
def test_any_text_in_the_project_file_is_loaded_or_refused(content: str):
    check(outcome(project=content.encode("utf-8", "surrogatepass")))


@examples
@given(st.dictionaries(st.one_of(st.sampled_from(FIELDS), words), values, max_size=8))
def test_any_values_in_a_team_file_are_loaded_or_refused(team: dict):
    check(outcome(sales=yaml.dump({"config": {"plinth:team": team}}).encode()))


@examples
@given(st.dictionaries(st.sampled_from(FIELDS), values, max_size=3))
def test_a_valid_team_with_a_few_unusual_fields_is_loaded_or_refused(changes: dict):
    check(outcome(sales=yaml.dump({"config": {"plinth:team": {**TEAM, "cidr": "10.1.32.0/19", **changes}}}).encode()))


@examples
@given(values)
def test_any_value_as_the_organization_is_loaded_or_refused(value: object):
    content = {"name": "plinth", "runtime": "python", "stackConfigDir": "environments"}
    check(outcome(project=yaml.dump({**content, "config": {"plinth:organization": {"value": value}}}).encode()))


@examples
@given(values)
def test_any_value_as_a_whole_file_is_loaded_or_refused(value: object):
    check(outcome(sales=yaml.dump(value).encode()))


@examples
@given(st.data())
def test_a_valid_file_with_a_few_changed_characters_is_loaded_or_refused(data: st.DataObject):
    text = yaml.safe_dump({"config": {"plinth:team": {**TEAM, "cidr": "10.1.32.0/19"}}}, sort_keys=False)
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.text(max_size=3)) + text[place + data.draw(st.integers(0, 3)) :]
    check(outcome(sales=text.encode("utf-8", "surrogatepass")))
