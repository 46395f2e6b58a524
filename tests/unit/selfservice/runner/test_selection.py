import pytest

from selfservice.errors import BadInputError, RefusedError
from selfservice.runner.selection import Selection, refuse_durable, select

GRAPH = {
    "organization": [],
    "fraud": ["organization"],
    "fraud-development": ["organization", "fraud"],
    "fraud-eu": ["organization"],
    "fraud-eu-development": ["organization", "fraud-eu"],
}


def chosen(*stacks, teams=(), everything=False):
    return select(GRAPH, Selection(stacks=stacks, teams=teams, everything=everything))


def test_stacks_come_in_the_order_of_the_graph_whatever_the_order_they_are_named_in():
    assert chosen("fraud-development", "organization") == ["organization", "fraud-development"]


def test_a_team_is_its_own_stacks_and_not_those_of_a_team_with_a_longer_name():
    assert chosen(teams=("fraud",)) == ["fraud", "fraud-development"]


def test_several_teams_and_stacks_combine_and_a_stack_that_is_selected_twice_runs_once():
    selected = chosen("organization", "fraud", teams=("fraud-eu", "fraud"))
    assert selected == ["organization", "fraud", "fraud-development", "fraud-eu", "fraud-eu-development"]


@pytest.mark.requirement("GOV-03")
def test_all_is_every_stack():
    assert chosen(everything=True) == list(GRAPH)


@pytest.mark.parametrize(
    ("stacks", "teams", "everything"), [((), (), False), ((), ("fraud",), True), (("fraud",), (), True)]
)
def test_selecting_nothing_or_all_beside_something_else_is_refused(stacks, teams, everything):
    with pytest.raises(BadInputError, match=r"--team.*--all"):
        chosen(*stacks, teams=teams, everything=everything)


def test_unknown_stacks_and_teams_are_refused_together_with_the_nearest_names():
    with pytest.raises(BadInputError) as refusal:
        chosen("fraud-developmnt", teams=("zebra", "fraut"))
    assert str(refusal.value).splitlines() == [
        "there is no stack 'fraud-developmnt' in these settings: did you mean fraud-development?",
        "there is no team 'zebra' in these settings: there are fraud, fraud-eu",
        "there is no team 'fraut' in these settings: did you mean fraud?",
    ]


def test_a_stack_that_is_no_team_cannot_be_selected_as_one():
    with pytest.raises(BadInputError, match="no team 'organization'"):
        chosen(teams=("organization",))


def test_the_names_of_a_large_organization_are_not_all_listed():
    graph = {f"team-{number}": () for number in range(100)}
    with pytest.raises(BadInputError, match=r"team-39, 60 more$"):
        select(graph, Selection(stacks=("zebra",)))


def test_the_organization_is_never_destroyed():
    refuse_durable(["fraud", "fraud-development"])
    with pytest.raises(RefusedError, match="durable"):
        refuse_durable(["fraud", "organization"])
