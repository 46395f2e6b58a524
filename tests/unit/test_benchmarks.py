"""What a benchmark brings up before it measures."""

from __future__ import annotations

from benchmarks.__main__ import STACK, needed_by
from settings.derived.stack_graph import StackIdentity
from settings.files.loader import load
from tests.support.workbench import REPOSITORY


def test_all_that_the_measured_stack_stands_on_is_up_before_and_nothing_that_stands_on_it() -> None:
    foundation = load(REPOSITORY)
    before = needed_by(StackIdentity.parse(STACK), foundation)
    assert {"organization", "fraud"} <= set(before)
    for name in before:
        needs = {one.name for one in foundation.stacks[StackIdentity.parse(name)]}
        assert needs <= set(before)
        assert STACK not in {name, *needs}
