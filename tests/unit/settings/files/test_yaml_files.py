"""Files that are not plain YAML in UTF-8 are refused quickly, with line and reason."""

import time
import tracemalloc

import pytest

from settings.types.error_codes import Code
from tests.unit.settings.project import Project

TEAM = """\
config:
  plinth:team:
    owner: owner@acme.example
    cost_centre: "4711"
    cidr: 10.1.0.0/19
    monthly_budget_usd: 5000
"""


def the_fault(project: Project, text: str | bytes):
    (fault,) = project.team_text(text).faults()
    assert fault.file == "environments/Pulumi.fraud.yaml"
    return fault


def test_the_unchanged_file_of_these_tests_is_valid(project: Project):
    assert project.team_text(TEAM).faults() == ()


def test_a_duplicate_key_names_both_lines(project: Project):
    fault = the_fault(project, TEAM + "    owner: other@acme.example\n")
    assert (fault.code, fault.path, fault.line) == (Code.DUPLICATE_KEY, "plinth:team.owner", 7)
    assert "on lines 3 and 7" in fault.rule


def test_a_duplicate_mapping_is_skipped(project: Project):
    again = TEAM.removeprefix("config:\n") + "    tags: {area: [1, {deep: x}]}\n"
    fault = the_fault(project, TEAM + again)
    assert (fault.code, fault.path) == (Code.DUPLICATE_KEY, "plinth:team")


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        (TEAM.replace("owner@acme.example", "&a owner@acme.example"), Code.YAML_ALIAS, 3, "anchor"),
        (
            TEAM.replace("owner@acme.example", "!!python/object:os.system a@acme.example"),
            Code.YAML_TAG,
            3,
            "python/object",
        ),
        (TEAM.replace("owner@acme.example", "!mine a@acme.example"), Code.YAML_TAG, 3, "tag"),
        (TEAM + "---\nconfig: {}\n", Code.YAML_DOCUMENTS, 7, "second document"),
        (TEAM + "    ? [a, b]\n    : x\n", Code.YAML_KEY, 7, "not text"),
        (TEAM.replace("    cidr", "\tcidr"), Code.CONTROL_CHARACTER, 5, "tab"),
        (TEAM + "    tags: {a: 'x\u200by'}\n", Code.CONTROL_CHARACTER, 7, "\\u200b at column 17"),
        (TEAM + "    tags: {a: 'x\x1by'}\n", Code.CONTROL_CHARACTER, 7, "\\x1b"),
        (b"\xef\xbb\xbf" + TEAM.encode(), Code.ENCODING, 1, "byte order mark"),
        (TEAM.encode("utf-16"), Code.ENCODING, 1, "UTF-16"),
        (TEAM.encode("utf-16-le"), Code.ENCODING, 1, "UTF-16"),
        (TEAM.encode() + b"    tags: {a: \xff}\n", Code.ENCODING, 7, "0xff"),
        (TEAM + "    tags: {a: b\n", Code.YAML_SYNTAX, 8, "not valid YAML"),
        (TEAM + "  wrong: indent: here\n", Code.YAML_SYNTAX, 7, "mapping values are not allowed"),
        ("", Code.FILE_EMPTY, None, "config: {}"),
        ("# nothing but a comment\n", Code.FILE_EMPTY, None, "config: {}"),
        ("---\n", Code.FILE_EMPTY, 2, "config: {}"),
        ("- a\n- b\n", Code.WRONG_TYPE, 1, "is a list"),
        ("config: 5\n", Code.WRONG_TYPE, 1, "is a number"),
    ],
)
def test_text_that_is_not_plain_yaml_is_refused_with_its_line(project: Project, text, code, line, says):
    fault = the_fault(project, text)
    assert (fault.code, fault.line) == (code, line), str(fault)
    assert says in str(fault)


def test_an_alias_and_a_merge_key_are_refused(project: Project):
    text = "config:\n  plinth:team: &team {}\n  other:x: *team\n  plinth:more:\n    <<: *team\n"
    codes = [fault.code for fault in project.team_text(text).faults() if fault.code is Code.YAML_ALIAS]
    assert len(codes) == 4


def nested(levels: int) -> str:
    """Returns a file with two levels of keys, then nested lists."""
    lists = 1 + (levels - 2)
    return "config:\n  aws:x: " + "[" * lists + "]" * lists + "\n"


def test_thirty_two_levels_are_read_and_one_more_is_not(project: Project):
    assert project.stack("organization", {}).write("environments/Pulumi.organization.yaml", nested(32)).faults() == ()
    (fault,) = project.write("environments/Pulumi.organization.yaml", nested(33)).faults()
    assert (fault.code, fault.line) == (Code.YAML_DEPTH, 2)
    assert "more than 32 levels" in fault.rule


def bomb() -> str:
    levels = [f"  other:l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30)]
    return "\n".join(["config:", "  other:l0: &l0 [lol]", *levels])


HOSTILE = {
    "alias bomb": bomb(),
    "deep flow nesting": "config: " + "[" * 1000 + "]" * 1000,
    "deep block nesting": "config:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 1000)),
    "50 MB": "config: {}\n" + "#" * 50_000_000,
    "a MiB of keys": "config:\n  plinth:team:\n" + "".join(f"    k{n}: 1\n" for n in range(70_000)),
    "a MiB of one value": "config:\n  plinth:team:\n    owner: " + "a" * 1_000_000 + "\n",
    "a MiB of secrets": "config:\n" + "".join(f"  aws:k{n}: AKIAIOSFODNN7EXAMPLE\n" for n in range(25_000)),
    "a MiB of duplicates": "config:\n" + "  aws:k: 1\n" * 90_000,
    "a hundred kiB of keys": "config:\n  plinth:team:\n" + "".join(f"    k{n}: 1\n" for n in range(9_000)),
    "a MiB of anchors": "config:\n" + "".join(f"  aws:k{n}: &a 1\n" for n in range(50_000)),
    "a MiB of zero-width spaces": "config: {}\n#" + "\u200b" * 300_000,
    "letters that could be a scheme": "config:\n" + "".join(f"  aws:k{n}: {'a' * 4000}\n" for n in range(250)),
    "letters that could be a key": "config:\n" + "".join(f"  aws:k{n}: {'a1.' * 1300}\n" for n in range(250)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_a_second_and_64_mib(project: Project, name: str):
    project.team_text(HOSTILE[name])
    started = time.process_time()
    faults = project.faults()
    took = time.process_time() - started
    assert faults or name.startswith("letters")
    assert len(faults) <= 102
    # Well under a second on a machine of its own; the processor's clock runs slower where other tests run beside it.
    assert took < 2, f"{took:.1f} s"
    tracemalloc.start()
    project.faults()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_a_file_of_exactly_one_mib_is_read(project: Project):
    project.team_text(TEAM + "#" * (1024 * 1024 - len(TEAM)))
    assert project.faults() == ()
    project.team_text(TEAM + "#" * (1024 * 1024 - len(TEAM) + 1))
    assert [fault.code for fault in project.faults()] == [Code.FILE_SIZE]
