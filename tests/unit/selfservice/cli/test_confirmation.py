import io
import sys

import pytest

from selfservice.cli.confirmation import confirm, name_to_type
from selfservice.errors import BadInputError
from selfservice.operations.operation import Action
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY


@pytest.fixture(scope="module")
def project():
    return open_project(REPOSITORY)


@pytest.fixture
def answer(monkeypatch):
    """Lets a person on a terminal answer what is asked."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(f"{text}\n"))


def test_the_question_names_organization_account_region_and_the_stacks_of_each_account(project, answer, capsys):
    answer("y")
    confirm(project, Action.UP, ["organization", "fraud", "fraud-production"])
    asked = capsys.readouterr().err.splitlines()
    assert asked[0] == "up 3 stacks of organization acme, management account 123456789012, region eu-west-1:"
    assert asked[1:3] == ["  account organization: organization, fraud", "  account fraud-production: fraud-production"]


@pytest.mark.parametrize(("action", "said"), [(Action.UP, "n"), (Action.UP, ""), (Action.DESTROY, "y")])
def test_nothing_else_confirms(project, answer, action, said):
    answer(said)
    with pytest.raises(BadInputError, match="not confirmed"):
        confirm(project, action, ["fraud-production"])


@pytest.mark.parametrize(
    ("stacks", "name"),
    [
        (["fraud-experimentation", "fraud-experimentation-studio"], None),
        (["churn-development", "fraud-preproduction"], None),
        (["fraud-production"], "fraud-production"),
        (["fraud-production-intake"], "fraud-production-intake"),
        (["data-lake--card-payments"], "data-lake--card-payments"),
        (["fraud", "fraud-experimentation"], "fraud"),
        (["churn-production", "fraud-production"], "acme"),
        (["audit", "network"], "acme"),
    ],
)
def test_destroying_production_or_durable_things_takes_their_name(project, answer, stacks, name):
    assert name_to_type(project, stacks) == name
    answer(name or "y")
    confirm(project, Action.DESTROY, stacks)


def test_without_a_terminal_only_destroy_needs_a_confirmation(project, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    confirm(project, Action.UP, ["fraud"])
    with pytest.raises(BadInputError, match="pass --yes"):
        confirm(project, Action.DESTROY, ["fraud"])


def test_a_long_list_of_accounts_is_cut(project, answer, capsys):
    answer("y")
    confirm(project, Action.UP, list(project.graph))
    assert len(capsys.readouterr().err.splitlines()) <= 16
