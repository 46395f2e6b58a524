"""Every cell of the table comes out as it says, under the policies that the stacks really provision."""

from __future__ import annotations

from functools import cache

import pytest

from tests.access.judgement import Judgement, judge
from tests.access.mutation import first_to_notice, removals
from tests.access.table import Cell, all_cells
from tests.access.world import example_world

UNNOTICED = {
    "permissions boundary, NeverWiden": "what a boundary does not allow is denied without it, since nothing of IAM or "
    "Organizations has a policy of its own that could let somebody in; it is a second lock",
    "permissions boundary, NeverClimb": "as NeverWiden",
    "service control policy, SCP01NothingAtAll": "no account of the example is suspended or waits to be recycled",
}
"""Denials of which AWS or the example leaves no cell to tell, and why."""


@cache
def judgement(cell: Cell) -> Judgement:
    return judge(example_world(), cell)


def case(cell: Cell) -> object:
    shown = [pytest.mark.requirement(*cell.requirements)] if cell.requirements else []
    return pytest.param(cell, marks=shown, id=str(cell))


@pytest.mark.parametrize("cell", [case(cell) for cell in all_cells()])
def test_access_is_as_the_table_says(cell):
    assert judgement(cell).is_as_expected, judgement(cell).decisive


def test_no_guardrail_or_boundary_can_lose_a_denial_without_a_cell_that_notices():
    judged = [judgement(cell) for cell in all_cells()]
    removed = removals(example_world())
    assert len(removed) > len(UNNOTICED)
    unnoticed = {str(removal) for removal in removed if first_to_notice(removal, judged) is None}
    assert unnoticed == set(UNNOTICED)
