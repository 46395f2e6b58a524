import pytest

from selfservice.errors import BadInputError, RefusedError
from selfservice.runner.selection import refuse_durable, select

GRAPH = {
    "organization": [],
    "fraud": ["organization"],
    "fraud-development": ["organization", "fraud"],
    "fraud-eu": ["organization"],
    "fraud-eu-development": ["organization", "fraud-eu"],
}


def chosen(*stacks, team=None, everything=False):
    return select(GRAPH, stacks=stacks, team=team, everything=everything)


def test_stacks_come_in_the_order_of_the_graph_whatever_the_order_they_are_named_in():
    assert chosen("fraud-development", "organization") == ["organization", "fraud-development"]


def test_a_team_is_its_own_stacks_and_not_those_of_a_team_with_a_longer_name():
    assert chosen(team="fraud") == ["fraud", "fraud-development"]


def test_all_is_every_stack():
    assert chosen(everything=True) == list(GRAPH)


@pytest.mark.parametrize("ways", [{}, {"team": "fraud", "everything": True}])
def test_selecting_no_stacks_or_in_two_ways_is_refused(ways):
    with pytest.raises(BadInputError, match=r"--team.*--all"):
        chosen(**ways)


def test_an_unknown_stack_is_refused_with_the_nearest_name():
    with pytest.raises(BadInputError, match="did you mean fraud-development"):
        chosen("fraud-developmnt")


def test_an_unknown_team_is_refused_with_what_there_is():
    with pytest.raises(BadInputError, match=r"'zebra' is no stack.*organization, fraud"):
        chosen(team="zebra")


def test_the_organization_is_never_destroyed():
    refuse_durable(["fraud", "fraud-development"])
    with pytest.raises(RefusedError, match="durable"):
        refuse_durable(["fraud", "organization"])
