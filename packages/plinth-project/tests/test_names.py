from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plinth_project.names import Names, branch_folder, build_id


@pytest.mark.parametrize(
    ("branch", "folder"),
    [("main", ""), ("refs/heads/master", ""), ("develop", "develop"), ("?", "feature-8a8de823d5")],
)
def test_a_branch_has_a_folder_of_its_own(branch: str, folder: str) -> None:
    assert branch_folder(branch) == folder


def test_branches_that_differ_in_replaced_characters_share_no_name() -> None:
    first, second = (Names(team="fraud", use_case="scoring", branch=name) for name in ("feature/a-b", "feature/a_b"))
    assert first.folder.startswith("feature-a-b-")
    for pair in zip((first.folder, first.group, first.jobs), (second.folder, second.group, second.jobs), strict=True):
        assert pair[0] != pair[1]


def test_every_name_begins_with_the_use_case() -> None:
    names = Names(team="fraud", use_case="scoring", branch="main")
    assert names.pipeline("training") == "fraud--scoring-training-main"
    assert names.group == "fraud--scoring-main"
    assert (names.jobs, names.builds, names.models) == (
        "fraud--scoring-main",
        "scoring/",
        "fraud/scoring/models/main/",
    )


def test_the_group_of_a_long_branch_keeps_its_hash() -> None:
    names = Names(team="payments-and-transfers", use_case="card-risk", branch="feature/" + "a" * 60)
    assert len(names.group) <= 63
    assert names.group.endswith(names.folder[-10:])


def test_build_ids_sort_by_time() -> None:
    at = datetime(2022, 6, 21, 10, 15, tzinfo=UTC)
    assert build_id(at, "1a2b3c4d" * 5) == "20220621T101500-1a2b3c4"
