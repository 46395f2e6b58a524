"""Tests that the documents are correct: links, commands, quoted code and output, and examples of settings."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from plinth_sandbox.lifecycle import CANNOT_SHOW
from selfservice.cli.command import main
from selfservice.cli.reference_pages import ROOT, documents, renewed
from selfservice.errors import ExitCode
from settings.derived.account_pinning import pinning_lines
from settings.derived.foundation import Foundation
from settings.files.loader import load
from settings.organization.placement import PRESETS, Placement
from settings.types.errors import SettingsError
from settings.types.kinds import PHASES

LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
WEB = re.compile(r"^[a-z]+:")
CONFIGURATION = ROOT / "docs/guides/configuration.md"
MAP_OF_TESTS = ROOT / "tests/README.md"
MOST_LINES_OF_A_TEAM = 15

DOCUMENTS = list(documents())
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    document: Path
    language: str
    content: str

    @property
    def named_file(self) -> str:
        """The file that its first line, a comment, says it is from."""
        found = re.match(r"# ([\w./-]+\.\w+)\n", self.content)
        return found[1] if found else ""

    def __str__(self) -> str:
        return f"{self.document.name}: {self.content.splitlines()[0]}"


def blocks(*languages: str) -> Iterator[Block]:
    for document in DOCUMENTS:
        for found in BLOCK.finditer(document.read_text()):
            if found["language"] in languages:
                yield Block(document, found["language"], found["content"])


@cache
def anchors(document: Path) -> set[str]:
    """Returns the anchors that GitHub generates for the headings."""
    prose = BLOCK.sub("", document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose)}


def relative_links(document: Path) -> Iterator[tuple[str, Path, str]]:
    """Text, file and anchor of every link that leads to a file of the repository."""
    prose = BLOCK.sub("", document.read_text())
    for link in LINK.finditer(prose):
        if not WEB.match(link["target"]):
            path, _, anchor = link["target"].partition("#")
            yield link["text"], (document.parent / path if path else document), anchor


@every_document
def test_a_link_leads_somewhere(document):
    for text, target, anchor in relative_links(document):
        assert target.exists(), f"[{text}] leads to {target}, which is not there"
        assert not anchor or anchor in anchors(target), f"[{text}] leads to #{anchor}, which {target.name} lacks"


def defined_in(file: Path) -> set[str]:
    """The classes, functions and names of a module, with the members of its classes as ``Class.member``."""
    names: set[str] = set()

    def note(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(prefix + node.name)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names.update(prefix + target.id for target in targets if isinstance(target, ast.Name))
            if isinstance(node, ast.ClassDef):
                note(node.body, f"{node.name}.")

    note(ast.parse(file.read_text()).body, "")
    return names


@every_document
def test_code_that_a_link_names_is_defined_where_it_leads(document):
    for text, target, _ in relative_links(document):
        name = re.fullmatch(r"`(\w+(?:\.\w+)*)`", text)
        if name and target.suffix == ".py" and name[1] != target.name:
            assert name[1] in defined_in(target), f"{target.name} has no {name[1]}"


def test_the_path_of_an_address_range_names_the_code_that_it_passes_through():
    page = (ROOT / "docs/architecture.md").read_text()
    path = page.partition("## Follow one setting")[2].partition("\n## ")[0]
    named = {link["text"].strip("`") for link in LINK.finditer(path)}
    assert {"load", "Team.cidr", "AddressPlan.environment_block", "EnvironmentContext.of", "PrivateNetwork"} <= named


@every_document
def test_quoted_output_is_what_the_command_answers(document):
    text = document.read_text()
    assert renewed(text) == text, "run `make reference`"


def test_a_quotation_ends_with_its_own_fence():
    """An empty quotation must not take the text up to the next block with it."""
    page = "<!-- output of `plinth cost --help` -->\n```text\n```\n\nText.\n\n```sh\nplinth cost\n```\n"
    written = renewed(page)
    assert written.endswith("```\n\nText.\n\n```sh\nplinth cost\n```\n")
    assert "Usage: plinth cost" in written
    assert renewed(written) == written


@every_document
def test_every_block_is_closed(document):
    """A fence with a language does not close a block, so what follows would be shown as part of it."""
    fences = re.findall(r"^```(\w*)$", document.read_text(), re.MULTILINE)
    assert [bool(language) for language in fences] == [True, False] * (len(fences) // 2)


def test_the_map_of_accounts_is_drawn_from_the_settings():
    page = (ROOT / "docs/architecture.md").read_text()
    assert "<!-- output of `plinth graph --accounts` -->\n```mermaid\n%%{init" in page


def quotations() -> Iterator[Block]:
    """Blocks that quote a file. Settings in YAML are examples, except in the page about tests."""
    for block in (*blocks("python"), *(block for block in blocks("yaml") if block.document == MAP_OF_TESTS)):
        if (ROOT / (block.named_file or "none")).is_file():
            yield block


@pytest.mark.parametrize("block", list(quotations()), ids=str)
def test_quoted_code_stands_in_the_file_that_it_names(block):
    quoted = block.content.partition("\n")[2]
    assert quoted in (ROOT / block.named_file).read_text()


def commands() -> Iterator[str]:
    """Every line that a reader is told to type, or to write into a job of continuous integration. Those of a transcript
    begin with a dollar sign."""
    for block in blocks("yaml"):
        yield from re.findall(r"^ *(?:- )?(?:run: |- )((?:plinth|pip) .+)", block.content, re.MULTILINE)
    for block in blocks("sh", "console"):
        for line in block.content.replace("\\\n", " ").splitlines():
            if block.language == "sh":
                yield line
            elif line.startswith("$ "):
                yield line.removeprefix("$ ")


def calls_of(program: str) -> list[list[str]]:
    """The arguments of every call of a program, also inside other commands."""
    found = (re.finditer(rf"(?<![\w/.-])(?:\.venv/bin/)?{program} ([^|;&)#]*)", line) for line in commands())
    arguments = (call[1].split(" 2>")[0].rstrip() for calls in found for call in calls)
    # A call inside quotes ends with the quote of what is around it.
    balanced = (text.rstrip('" ') if text.count('"') % 2 else text for text in arguments)
    return [shlex.split(text) for text in balanced if text]


@pytest.mark.parametrize("words", calls_of("plinth"), ids=" ".join)
def test_a_command_of_plinth_that_is_shown_exists_with_its_options(words):
    command: click.Command = main
    with click.Context(main, **main.context_settings) as context:
        while isinstance(command, click.Group):
            command.make_parser(context).parse_args(list(words))
            while words and words[0].startswith("-"):
                words = words[2:]
            name, *words = words
            found = command.get_command(context, name)
            assert found is not None, f"plinth has no command {name}"
            command = found
        command.make_parser(context).parse_args(list(words))


def test_the_commands_of_the_shown_jobs_are_among_those_that_are_parsed():
    shown = [" ".join(words) for words in calls_of("plinth")]
    assert sum("--post" in call for call in shown) == 3
    assert any(call.startswith("drift --all --read-only --output") for call in shown)


def test_a_target_of_make_that_is_shown_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    shown = [words[0] for words in calls_of("make")]
    assert {"up", "test", "reference"} <= set(shown) <= set(targets)


def test_a_module_that_is_shown_can_be_run():
    shown = {name for line in commands() for name in re.findall(r"python -m ([\w.]+)", line)}
    assert "plinth_sandbox.provider.schema" in shown
    assert [name for name in shown if find_spec(name) is None] == []


def test_a_test_file_that_is_shown_is_there():
    shown = [word for words in calls_of("pytest") for word in words if word.startswith("tests/")]
    assert shown
    assert [path for path in shown if not (ROOT / path).exists()] == []


TEST = re.compile(r"`((?:tests|packages)/[\w/.-]+\.py)::(\w+)`")


@pytest.mark.parametrize("document", [page for page in DOCUMENTS if TEST.search(page.read_text())], ids=str)
def test_a_test_that_a_page_names_exists(document):
    named = TEST.findall(document.read_text())
    assert [(file, test) for file, test in named if not re.search(rf"def {test}\(", (ROOT / file).read_text())] == []


def a_project(directory: Path) -> Path:
    """A copy of the example's settings."""
    shutil.copy(ROOT / "Pulumi.yaml", directory)
    shutil.copytree(ROOT / "environments", directory / "environments")
    return directory


EXAMPLES = [block for block in blocks("yaml") if block.document == CONFIGURATION and block.named_file]
FAULTY = next(block for block in EXAMPLES if "monthly_budget_eur" in block.content)


@pytest.mark.parametrize("block", [block for block in EXAMPLES if block is not FAULTY], ids=str)
def test_an_example_of_settings_is_without_fault(block, tmp_path):
    project = a_project(tmp_path)
    if "experimentation" in block.named_file:
        team = next(other for other in EXAMPLES if other.named_file.endswith("Pulumi.sales.yaml"))
        (project / team.named_file).write_text(team.content)
    if block.named_file == "Pulumi.yaml":  # another organization, which has no teams yet
        shutil.rmtree(project / "environments")
        (project / "environments").mkdir()
    (project / block.named_file).write_text(block.content)
    assert load(project).stacks


def test_the_examples_cover_a_whole_organization():
    assert {block.named_file for block in EXAMPLES} >= {
        "Pulumi.yaml",
        "environments/Pulumi.sales.yaml",
        "environments/Pulumi.sales-experimentation.yaml",
    }


def test_a_team_is_few_lines_in_one_file():
    team = next(block for block in EXAMPLES if block.named_file == "environments/Pulumi.sales.yaml")
    assert len(team.content.splitlines()) <= MOST_LINES_OF_A_TEAM


def test_the_faults_of_the_faulty_example_are_those_that_are_shown(tmp_path):
    project = a_project(tmp_path)
    (project / FAULTY.named_file).write_text(FAULTY.content)
    with pytest.raises(SettingsError) as raised:
        load(project)
    assert len(raised.value.faults) == 8
    assert f"{raised.value}\nNothing was touched." in CONFIGURATION.read_text()


def test_the_rules_that_a_placement_relaxes_are_those_that_are_shown():
    rules = Placement.preset("medium").relaxed_rules("reliable")
    shown = "\n".join(f"relaxed by the placement: {rule}" for rule in rules)
    assert f"\n{shown}\n" in CONFIGURATION.read_text()


def test_every_phase_and_every_placement_is_explained():
    text = CONFIGURATION.read_text()
    assert [name for name in (*PHASES, *PRESETS) if f"\n| `{name}` |" not in text] == []


def test_every_exit_code_is_explained():
    text = (ROOT / "docs/guides/command-line.md").read_text()
    assert [code for code in ExitCode if f"\n| {int(code)} | " not in text] == []


def test_what_the_sandbox_cannot_show_is_said():
    assert "\n".join(CANNOT_SHOW) in (ROOT / "docs/guides/sandbox.md").read_text()


def test_the_refusal_of_a_step_that_is_shown_is_what_the_small_example_gets():
    small = load(ROOT / "environments/small")
    deployed = {stack.name: small.account_of_stack(stack).label for stack in small.stacks}
    placed = small.organization.model_copy(update={"placement": Placement.preset("medium")})
    medium = Foundation.of(placed, small.teams.values(), small.environments.values())
    lines = "\n".join(f"  {line}" for line in pinning_lines(medium, deployed))
    assert f"\n{lines}\n" in (ROOT / "docs/guides/growing.md").read_text()


_STATUS = re.compile(
    r"Status: (?:accepted|replaced by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\)), (?P<date>\d{4}-\d\d-\d\d)"
    r"(?:; revised, \d{4}-\d\d-\d\d)?"
)


def test_each_decision_has_a_status_and_a_row_with_its_date_in_the_index():
    folder = ROOT / "docs" / "decisions"
    rows = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    for page in folder.glob("0*.md"):
        title, _, status, *_ = page.read_text(encoding="utf-8").splitlines()
        found = _STATUS.fullmatch(status)
        assert found, f"{page.name}: {status}"
        number, words = title.removeprefix("# ").split(" ", 1)
        assert f"| [{number}]({page.name}) | {words} | {found['date']} |" in rows, page.name
