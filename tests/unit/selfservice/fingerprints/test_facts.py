"""Paths as texts: which are below a folder, and what is known of a folder of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.fingerprints.facts import Facts, is_below


@pytest.mark.parametrize(
    ("path", "folder", "below"),
    [
        ("/acme/policies", "/acme/policies", True),
        ("/acme/policies/rules.py", "/acme/policies", True),
        ("/acme/policies-old/rules.py", "/acme/policies", False),
        ("/acme", "/acme/policies", False),
        ("/acme", "/", True),
    ],
)
def test_a_path_is_below_a_folder_and_not_below_one_whose_name_it_extends(path: str, folder: str, below: bool) -> None:
    assert is_below(path, folder) is below
    assert is_below(path, Path(folder)) is below


def test_the_digest_of_a_tree_depends_on_names_and_contents_and_not_on_hidden_files(tmp_path: Path) -> None:
    for root in ("one", "other"):
        (tmp_path / root / "rules").mkdir(parents=True)
        (tmp_path / root / "rules" / "buckets.py").write_text("BUCKETS = 1\n")

    def digest_of(root: str) -> str:
        return Facts((tmp_path,)).of_tree(tmp_path / root)

    first = digest_of("one")
    assert digest_of("other") == first
    (tmp_path / "one" / ".hidden").touch()
    assert digest_of("one") == first
    (tmp_path / "one" / "rules" / "buckets.py").write_text("BUCKETS = 2\n")
    assert digest_of("one") != first
    (tmp_path / "other" / "rules" / "buckets.py").rename(tmp_path / "other" / "rules" / "queues.py")
    assert digest_of("other") != first
