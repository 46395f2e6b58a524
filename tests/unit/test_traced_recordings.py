"""When the recording of a stack is reused, and that nothing else is: a missed read would hide a change from tests."""

from __future__ import annotations

import copy
import itertools

import pytest

from settings.team.studio import StudioSettings
from settings.team.team import EnvironmentSettings
from settings.team.use_case import UseCaseSettings
from tests.support import traced_recordings
from tests.support.every_stack import (
    DELIVERED,
    MADE,
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.recorder import Recorder
from tests.support.traced_recordings import Traces, recorded
from tests.unit.settings.files.test_validation_cache import registered

BOTH = {"fraud": ("development",), "churn": ("development",)}
CARDS = MADE.model_copy(update={"shared_with": BOTH})
LOANS = MADE.model_copy(update={"name": "loans"})
BASE = {"teams": [example_team(), example_team("churn", "10.1.32.0/19")], "datasets": [CARDS]}
PROGRAMS = {
    "a field of the organization": lambda f: f.organization.monthly_budget_usd,
    "another field of the organization": lambda f: f.organization.phase,
    "a copy of the organization": lambda f: f.organization.model_copy(),
    "all that the organization contains": lambda f: f.organization.model_dump(),
    "a hash of the organization": lambda f: f.organization.model_dump_json() and hash(str(f.organization)),
    "a team": lambda f: f.teams["fraud"],
    "a team that may be missing": lambda f: f.teams.get("loans"),
    "the use cases of a team": lambda f: f.teams["fraud"].use_cases,
    "the names of the use cases": lambda f: sorted(f.teams["fraud"].use_cases),
    "a use case that may be missing": lambda f: f.teams["fraud"].use_cases.get("disputes"),
    "the delivery of a use case": lambda f: f.teams["fraud"].use_cases["scoring"].delivery,
    "a copy of the use cases": lambda f: copy.deepcopy(f.teams["fraud"].use_cases),
    "the names of the teams": lambda f: list(f.teams),
    "the number of datasets": lambda f: len(f.datasets),
    "a dataset": lambda f: f.datasets["cards"],
    "an environment": lambda f: f.environments["fraud-development"],
    "all stacks": lambda f: f.stacks,
    "a derived fact": lambda f: f.has_deliveries,
    "a computed account": lambda f: f.account_of("development", "fraud"),
    "a fact about a dataset that it passes on": lambda f: f.is_copied(f.datasets["cards"]),
    "datasets of a team": lambda f: f.datasets_of("fraud"),
    "a part of the overview": lambda f: f.overview.graph["fraud"],
    "a fact of the overview": lambda f: f.overview.has_deliveries,
}
CHANGES = {
    "none": {},
    "the organization": {"organization": example_organization(monthly_budget_usd=9000)},
    "the team": {"teams": [example_team(owner="other@acme.example"), BASE["teams"][1]]},
    "another team": {"teams": [*BASE["teams"], example_team("loans", "10.1.64.0/19")]},
    "another dataset": {"datasets": [CARDS, LOANS]},
    "the dataset": {"datasets": [CARDS.model_copy(update={"owner": "other@acme.example"})]},
    "the order in the dataset": {"datasets": [CARDS.model_copy(update={"shared_with": dict(reversed(BOTH.items()))})]},
    "a delivery": {"teams": [example_team(use_cases=DELIVERED), BASE["teams"][1]]},
    "another use case": {
        "teams": [
            example_team(use_cases={"scoring": UseCaseSettings(), "disputes": UseCaseSettings()}),
            BASE["teams"][1],
        ]
    },
    "the environment": {"environments": [EnvironmentSettings(team="fraud", environment="development", zones=3)]},
    "a feature group": {"feature_groups": [example_feature_group(written_by={"fraud": ["production"]})]},
}


def changed(name):
    given = BASE | CHANGES[name]
    return example_foundation(*given.pop("environments", ()), **given)


@pytest.fixture(autouse=True)
def _no_traces(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(traced_recordings, "_of_this_run", Traces(tmp_path / "recordings"))


def read_by(program, foundation, upstream=None, *, asks=(), data_sources=None):
    """Returns what a program got as its recording."""

    def record(seen):
        return Recorder(read=list(asks), outputs={"stack": {"got": repr(program(seen))}})

    made = recorded("stack", foundation, upstream or {}, data_sources or {}, preview=False, record=record)
    return made.outputs["stack"]["got"]


@pytest.mark.parametrize(("program", "change"), list(itertools.product(PROGRAMS, CHANGES)))
def test_after_a_change_of_the_settings_a_program_gets_what_it_would_read(program, change):
    read_by(PROGRAMS[program], changed("none"))
    after = changed(change)
    assert read_by(PROGRAMS[program], after) == repr(PROGRAMS[program](after))


def runs(program, *foundations):
    """Returns how often a program runs for the settings, one after the other."""
    ran = []
    for foundation in foundations:
        read_by(lambda seen: ran.append(program(seen)), foundation)
    return len(ran)


def test_a_program_runs_again_only_after_a_change_that_it_reads():
    def reads_a_team(seen):
        return seen.teams["fraud"].owner

    assert runs(reads_a_team, changed("none"), changed("none"), changed("the dataset"), changed("another team")) == 1
    assert runs(reads_a_team, changed("the team"), changed("none"), changed("the team")) == 1


def test_a_field_that_a_program_does_not_read_runs_it_no_second_time():
    def reads_the_block(seen):
        return seen.teams["fraud"].cidr

    assert runs(reads_the_block, changed("none"), changed("the team"), changed("a delivery")) == 1


def test_a_program_runs_once_for_use_cases_that_differ_in_what_it_does_not_read():
    def reads_the_inference(seen):
        return [use_case.inference for use_case in seen.teams["fraud"].use_cases.values()]

    assert runs(reads_the_inference, changed("none"), changed("a delivery")) == 1
    assert runs(reads_the_inference, changed("another use case")) == 1


def test_a_program_runs_again_for_a_use_case_that_differs_in_what_it_reads():
    def reads_the_approvers(seen):
        delivery = seen.teams["fraud"].use_cases["scoring"].delivery
        return delivery and delivery.approvers

    assert runs(reads_the_approvers, changed("none"), changed("a delivery"), changed("a delivery")) == 2


def test_outputs_of_other_stacks_answers_of_aws_and_variables_are_read(monkeypatch):
    ran = []

    def run(upstream, data_sources=None):
        read_by(ran.append, changed("none"), upstream, asks=["fraud"], data_sources=data_sources)
        return len(ran)

    assert run({"fraud": {"vpc": "1"}}) == run({"fraud": {"vpc": "1"}, "churn": {"vpc": "2"}}) == 1
    assert run({"fraud": {"vpc": "2"}}) == 2
    assert run({}) == 3
    assert run({}, {"account": {"id": "1"}}) == 4
    monkeypatch.setenv("PLINTH_TEST_VARIABLE", "1")
    assert run({}) == 5


def test_each_caller_has_a_recording_of_its_own():
    def again():
        record = lambda _: Recorder(outputs={"stack": {"list": []}})  # noqa: E731
        return recorded("stack", changed("none"), {}, {}, preview=False, record=record)

    again().outputs["stack"]["list"].append("a")
    second = again()
    second.outputs["stack"]["list"].append("b")
    assert again().outputs["stack"]["list"] != ["a", "b"]
    assert again() is not again()


def test_a_program_that_fails_leaves_no_trace():
    def fails(_):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        read_by(fails, changed("none"))
    assert runs(PROGRAMS["a team"], changed("none")) == 1


@pytest.mark.parametrize("stack", ["data-lake", "fraud-development"])
def test_a_stack_is_the_same_with_and_without_reuse(stack):
    people = StudioSettings(users={})
    settings = EnvironmentSettings(team="fraud", environment="experimentation", studio=people)
    first, second = example_foundation(), example_foundation(settings)
    assert Deployment(first, preview=True)[stack].records
    reused, fresh = (Deployment(second, preview=True, reuse=reuse)[stack] for reuse in (True, False))
    assert registered(reused) == registered(fresh)
