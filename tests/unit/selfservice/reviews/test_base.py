"""The protected branch of a review: its commit, its policy packs and its settings."""

from __future__ import annotations

import pytest

from selfservice.errors import BadInputError
from selfservice.projects.project import open_project
from selfservice.reviews.base import Base

RULES = "policies/test/__main__.py"


def packs(project, revision="main"):
    opened = open_project(project.directory)
    with Base.of(project.directory, revision).policy_packs(opened) as found:
        return opened, found, [(pack / "__main__.py").read_text() for pack in found]


def test_a_change_of_settings_alone_is_judged_by_the_packs_in_place(project):
    project.change_team("fraud", monthly_budget_usd=6000)
    project.commit("Budget")
    opened, found, _ = packs(project)
    assert found == opened.policy_packs


@pytest.mark.parametrize("edit", ["emptied", "deleted", "imported module"])
@pytest.mark.threat("T-14")
def test_a_change_of_the_program_is_judged_by_the_packs_of_the_branch(project, edit):
    """Also an edit outside the packs, because packs import modules beside them."""
    protected = project.file(RULES).read_text()
    if edit == "emptied":
        project.file(RULES).write_text("")
    elif edit == "deleted":
        project.file(RULES).unlink()
        project.file("policies/test/PulumiPolicy.yaml").unlink()
    else:
        project.file("rules.py").write_text("")
    project.commit("Weaker")
    opened, found, texts = packs(project)
    assert texts == [protected]
    assert not set(found) & set(opened.policy_packs)
    edited = Base.of(project.directory, "main").changed_policy_files(opened)
    assert (RULES in edited) is (edit != "imported module")


@pytest.mark.threat("T-14")
def test_the_packs_are_those_of_the_branch_as_it_is_now(project):
    project.git("switch", "--quiet", "main")
    project.file(RULES).write_text("stricter = True\n")
    project.commit("Stricter")
    project.git("switch", "--quiet", "change")
    assert packs(project)[2] == ["stricter = True\n"]


def test_the_change_is_compared_with_the_commit_at_which_it_left_the_branch(project):
    """Commits on the branch since then are no part of the change."""
    project.git("switch", "--quiet", "main")
    project.change_team("churn", monthly_budget_usd=7000)
    project.commit("Elsewhere")
    project.git("switch", "--quiet", "change")
    base = Base.of(project.directory, "main")
    assert base.commit != base.fork_point
    assert base.repository.changed_since(base.fork_point) == frozenset()
    assert base.foundation(project.directory).teams["churn"].monthly_budget_usd == 5000


def test_a_revision_that_does_not_exist_or_has_no_common_commit_is_refused(project):
    with pytest.raises(BadInputError, match="nowhere"):
        Base.of(project.directory, "nowhere")
    project.git("switch", "--quiet", "--orphan", "other")
    project.file("README.md").write_text("")
    project.commit("Other")
    project.git("switch", "--quiet", "change")
    with pytest.raises(BadInputError, match="HEAD and other have no commit in common: fetch the whole history"):
        Base.of(project.directory, "other")
