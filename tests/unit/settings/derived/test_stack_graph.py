"""Stack names and dependencies between stacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.derived.stack_graph import StackIdentity, stacks_in
from settings.team.studio import STACKS
from settings.types.error_codes import Code
from settings.types.errors import SettingsError
from settings.types.kinds import ENVIRONMENTS, INTERACTIVE_ENVIRONMENTS, PHASES, Environment

team_names = st.from_regex(r"[a-z][a-z0-9]{2,4}(-[a-z0-9]{1,5})?", fullmatch=True)


def is_a_team(name: str) -> bool:
    try:
        return StackIdentity.parse(name).kind == "team"
    except SettingsError:
        return False


teams = team_names.filter(is_a_team)


@given(teams, st.sampled_from([None, *ENVIRONMENTS]))
def test_a_stack_name_round_trips(team: str, environment: str | None):
    identity = StackIdentity("team" if environment is None else environment, team)
    assert StackIdentity.parse(identity.name) == identity
    assert identity.environment == environment


@given(teams, st.sampled_from(INTERACTIVE_ENVIRONMENTS), st.integers(1, STACKS))
def test_a_studio_stack_name_round_trips(team: str, workplace: Environment, number: int):
    identity = StackIdentity("studio", team, workplace, number)
    assert StackIdentity.parse(identity.name) == identity
    assert identity.environment == identity.account_kind == workplace
    assert identity.environment_stack == StackIdentity(workplace, team)
    assert not identity.is_environment


@given(teams)
def test_data_stacks_and_dataset_stacks_are_parsed(name: str):
    of_team, of_dataset = StackIdentity("data", name), StackIdentity("dataset", dataset=name)
    assert (of_team.name, of_dataset.name) == (f"{name}-data", f"data-lake--{name}")
    assert [StackIdentity.parse(identity.name) for identity in (of_team, of_dataset)] == [of_team, of_dataset]


@pytest.mark.parametrize("name", ["card-activity", "data"])
def test_feature_group_stacks_are_parsed(name: str):
    stack = StackIdentity("feature-group", feature_group=name)
    assert (stack.name, stack.account_kind) == (f"features--{name}", "data-lake")
    assert StackIdentity.parse(stack.name) == stack


def test_a_feature_group_depends_on_the_data_stacks_of_its_readers():
    graph = stacks_in("scalable", ["churn", "fraud"], feature_groups={"cards": ["fraud"]})
    needed = graph[StackIdentity("feature-group", feature_group="cards")]
    assert {StackIdentity("data-catalog"), StackIdentity("data", "fraud")} <= set(needed)
    assert StackIdentity("data", "churn") not in needed


def test_a_dataset_depends_on_the_data_stacks_of_its_readers():
    graph = stacks_in("scalable", ["churn", "fraud"], datasets={"payments": ["fraud"]})
    needed = graph[StackIdentity("dataset", dataset="payments")]
    assert StackIdentity("data", "fraud") in needed
    assert StackIdentity("data", "churn") not in needed
    assert StackIdentity("dataset", dataset="payments") not in graph[StackIdentity("data-lake")]


def test_a_data_stack_depends_on_the_studio_stacks_of_its_team():
    graph = stacks_in("scalable", ["fraud"])
    assert StackIdentity("studio", "fraud", "experimentation") in graph[StackIdentity("data", "fraud")]


def test_the_organization_has_one_stack_without_a_team():
    assert StackIdentity.parse("organization") == StackIdentity("organization")
    assert StackIdentity("organization").name == "organization"
    assert StackIdentity("organization").environment is None


NO_STACKS = """
- -development development fraud-production-studio fraud-development-studio-1 fraud-development-studio-10
management tooling-production ../x a/b fraud--x fraud-dev--scoring fraud--a--b fraud-development-production
ORGANIZATION ${jndi:x} $(id) <script>
"""


@pytest.mark.parametrize("name", ["", "fraud\n", "x" * 1000, *NO_STACKS.split()])
def test_an_invalid_stack_name_is_refused_and_escaped(name: str):
    with pytest.raises(SettingsError) as raised:
        StackIdentity.parse(name)
    (fault,) = raised.value.faults
    assert fault.code is Code.STACK_UNKNOWN
    assert len(fault.value) < 400
    assert not set(str(raised.value.faults[0])) & set("\n${}")


@given(st.sampled_from(PHASES), st.lists(teams, max_size=6, unique=True))
def test_every_stack_comes_after_its_dependencies(phase, names: list[str]):
    graph = stacks_in(phase, names)
    order = list(graph)
    for stack, needed in graph.items():
        assert all(order.index(other) < order.index(stack) for other in needed)
        if stack.environment:
            needs = StackIdentity("team", stack.team) if stack.is_environment else stack.environment_stack
            assert needs in needed
        if stack.kind == "team":
            assert needed == (StackIdentity("organization"), StackIdentity("identity"))


@pytest.mark.parametrize("phase", ["reliable", "scalable"])
def test_environments_that_share_metrics_come_after_the_governance_account(phase):
    graph = stacks_in(phase, ["fraud"])
    after = {stack.kind for stack, needed in graph.items() if StackIdentity("governance") in needed}
    assert after == ({"preproduction", "production"} if phase == "scalable" else set())


def test_further_studio_stacks_depend_on_the_stack_with_the_domain():
    graph = stacks_in("initial", ["fraud"], {"fraud-experimentation": [1, 3]})
    first, third = (StackIdentity("studio", "fraud", "experimentation", number) for number in (1, 3))
    shared = (StackIdentity("organization"), StackIdentity("identity"))
    assert graph[first] == (*shared, StackIdentity("experimentation", "fraud"))
    assert graph[third] == (*graph[first], first)
    assert third.name == "fraud-experimentation-studio-3"


def test_an_environment_without_studio_has_no_studio_stack():
    assert not [stack for stack in stacks_in("scalable", ["fraud"], {}) if stack.kind == "studio"]


@given(st.lists(teams, max_size=6, unique=True))
def test_stacks_do_not_depend_on_the_order_of_teams(names: list[str]):
    assert list(stacks_in("scalable", names)) == list(stacks_in("scalable", reversed(names)))


@pytest.mark.requirement("ACC-06.b")
def test_only_production_is_rehearsed_by_the_pre_production_of_its_team():
    stacks = stacks_in("scalable", ["churn", "fraud"])
    rehearsed = {stack.name: stack.rehearsal.name for stack in stacks if stack.rehearsal}
    assert rehearsed == {"churn-production": "churn-preproduction", "fraud-production": "fraud-preproduction"}


def test_a_feature_group_comes_before_the_dataset_whose_job_fills_it():
    given = {"datasets": {"payments": ()}, "filled": {"payments": ("cards",)}, "feature_groups": {"cards": ()}}
    graph = stacks_in("scalable", ["fraud"], **given)
    group, dataset = StackIdentity("feature-group", feature_group="cards"), StackIdentity("dataset", dataset="payments")
    assert group in graph[dataset]
    assert list(graph).index(group) < list(graph).index(dataset)


def test_a_dataset_comes_after_the_second_region_of_the_lake_only_if_it_is_copied_there():
    graph = stacks_in(
        "scalable", [], datasets={"copied": (), "other": ()}, replicas=["lake-replica"], copied=["copied"]
    )
    copies = StackIdentity("lake-replica")
    assert [copies in graph[StackIdentity("dataset", dataset=name)] for name in ("copied", "other")] == [True, False]
