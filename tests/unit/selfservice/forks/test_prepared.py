"""The prepared process imports what several workers share before it forks the first of them."""

from __future__ import annotations

from selfservice.forks.prepared import Imports


def test_several_workers_wait_for_the_imports_that_they_share_and_a_single_one_does_not() -> None:
    imports = Imports()
    imports.announce(["no-such-stack"])
    imports.complete_for_several()
    assert not imports.are_done
    imports.announce(["no-such-stack-either"])
    imports.complete_for_several()
    assert imports.are_done
