"""The history of requests is a branch of its own in the settings repository, which several runners exchange."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.errors import RefusedError
from selfservice.settings_repository.request_history import BRANCH, RequestHistory
from tests.support.git import commit_as_runner, git

ONE, OTHER = "20261123T120000Z-00000001", "20261123T130000Z-00000002"


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working copy of a runner, with a change that nobody has committed."""
    commit_as_runner(monkeypatch)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "remote")
    return cloned(tmp_path, "working")


def cloned(root: Path, name: str) -> Path:
    git(root, "clone", "--quiet", "remote", name)
    folder = root / name
    (folder / "environments").mkdir()
    (folder / "Pulumi.yaml").write_text("name: plinth\nruntime: python\nstackConfigDir: environments\n")
    (folder / "environments" / "Pulumi.fraud.yaml").write_text("config: {}\n")
    return folder


def history_of(folder: Path) -> RequestHistory:
    found = RequestHistory.of(folder)
    assert found is not None
    return found


@pytest.mark.requirement("GOV-04.c", "GOV-06.b")
def test_what_is_written_is_read_and_leaves_the_working_copy_alone(working: Path) -> None:
    history, status = history_of(working), git(working, "status", "--porcelain")
    assert (history.ids(), history.read(ONE)) == ([], [])
    assert history.write(ONE, [{"sk": "record", "state": "reviewed"}], "reviewed")
    assert history.write(OTHER, [{"sk": "record", "note": "\u2028 line\nbreak"}], "other")
    assert history.write(ONE, [{"sk": "record", "state": "done"}], "done")
    assert not history.write(ONE, [{"state": "done", "sk": "record"}], "again")
    assert history.ids() == [ONE, OTHER]
    assert history.read(ONE) == [{"sk": "record", "state": "done"}]
    assert history.read(OTHER) == [{"sk": "record", "note": "\u2028 line\nbreak"}]
    assert git(working, "log", "--format=%s", BRANCH).splitlines() == ["done", "other", "reviewed"]
    assert git(working, "status", "--porcelain") == status


def test_settings_outside_of_git_have_no_history(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: plinth\nruntime: python\nstackConfigDir: environments\n")
    assert RequestHistory.of(tmp_path) is None


@pytest.mark.requirement("GOV-06.b")
def test_two_runners_exchange_their_histories_and_lose_nothing(working: Path) -> None:
    other = cloned(working.parent, "other")
    here, there = history_of(working), history_of(other)
    here.exchange("origin")
    here.write(ONE, [{"sk": "event", "n": "1"}], "one")
    here.exchange("origin")
    there.write(OTHER, [{"sk": "event", "n": "1"}], "other")
    there.exchange("origin")
    assert there.ids() == [ONE, OTHER]
    there.write(ONE, [{"sk": "event", "n": "1"}, {"sk": "event", "n": "2"}], "more of one")
    there.exchange("origin")
    here.write(OTHER, [], "less of the other")
    here.exchange("origin")
    there.exchange("origin")
    for history in (here, there):
        assert len(history.read(ONE)) == 2
        assert history.read(OTHER) == [{"sk": "event", "n": "1"}]
    assert git(working, "rev-parse", BRANCH) == git(other, "rev-parse", BRANCH)
    assert "one" in git(other, "log", "--format=%s", BRANCH).splitlines()


def test_a_remote_repository_that_refuses_is_named(working: Path) -> None:
    history = history_of(working)
    history.write(ONE, [], "one")
    with pytest.raises(RefusedError, match="could not be exchanged with nowhere"):
        history.exchange("nowhere")


def test_a_commit_of_another_process_in_between_is_not_overwritten(
    working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = history_of(working)
    history.write(ONE, [{"sk": "record"}], "one")
    made = RequestHistory._blob

    def overtaken(self: RequestHistory, text: str) -> str:
        monkeypatch.setattr(RequestHistory, "_blob", made)
        history.write(OTHER, [{"sk": "record"}], "other")
        return made(self, text)

    monkeypatch.setattr(RequestHistory, "_blob", overtaken)
    with pytest.raises(RefusedError, match=f"could not be committed to {BRANCH}"):
        history.write(ONE, [{"sk": "record", "state": "done"}], "done")
    assert history.ids() == [ONE, OTHER]
    assert history.read(ONE) == [{"sk": "record"}]
