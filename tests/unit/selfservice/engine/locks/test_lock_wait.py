"""How long an operation waits for the lock of another engine, and what it says."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from selfservice.engine.locks import lock_wait
from selfservice.engine.locks.backend_locks import locks_of
from selfservice.engine.locks.lock_owners import LockOwner
from selfservice.engine.locks.lock_wait import LockedStackError, LockWait, described
from selfservice.engine.locks.stack_lock import InterruptedOperationError

OTHER = LockOwner(
    process_id=7, user="ci", host="ip-10-0-0-1", since="2024-05-01T12:00:00Z", lock="azblob://states/1.json"
)


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """The folder with the locks of the stack ``fraud``, with one lock of another machine."""
    (tmp_path / "Pulumi.yaml").write_text("name: acme\n")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    folder = tmp_path / ".pulumi" / "locks" / "organization" / "acme" / "fraud"
    folder.mkdir(parents=True)
    holder = {"pid": 7, "username": "ci", "hostname": "ip-10-0-0-1", "timestamp": "2024-05-01T12:00:00Z"}
    (folder / "other.json").write_text(json.dumps(holder))
    return folder


@pytest.fixture
def wait(tmp_path):
    """Returns a function that makes a wait of a limit in minutes, whose notices are in ``said``."""

    def make(limit, interrupted=None):
        said = []
        made = LockWait(
            project_directory=tmp_path,
            stack="fraud",
            notify=said.append,
            interrupted=interrupted or threading.Event(),
            limit_minutes=limit,
        )
        return made, said

    return make


def test_a_wait_ends_with_the_limit_and_both_messages_name_owner_age_and_remedy(locks, wait, tmp_path):
    waiting, said = wait(0)
    with pytest.raises(LockedStackError) as error:
        waiting.until_released(locks_of(tmp_path, "fraud"))
    for message in (said[0], str(error.value)):
        assert "process 7 of ci on ip-10-0-0-1, since 2024-05-01T12:00:00Z (" in message
        assert " days ago)" in message
        assert "`pulumi cancel --stack fraud --yes`" in message
    assert "--lock-timeout" in str(error.value)
    assert len(said) == 1


def test_a_wait_ends_when_the_lock_is_released_whoever_locks_meanwhile(locks, wait, tmp_path, monkeypatch):
    monkeypatch.setattr(lock_wait, "_POLL_SECONDS", 0.01)
    waiting, _ = wait(10)
    owners = locks_of(tmp_path, "fraud")
    threading.Timer(0.05, (locks / "other.json").rename, [locks / "another.json"]).start()
    waiting.until_released(owners)
    assert not (locks / "other.json").exists()


def test_several_waits_of_an_operation_have_one_limit(locks, wait, tmp_path, monkeypatch):
    monkeypatch.setattr(lock_wait, "_POLL_SECONDS", 0.01)
    looks = []

    class Counted(threading.Event):
        def wait(self, timeout=None):
            looks.append(timeout)
            return super().wait(timeout)

    waiting, _ = wait(0.001, Counted())
    with pytest.raises(LockedStackError):
        waiting.until_released(locks_of(tmp_path, "fraud"))
    assert looks
    looks.clear()
    with pytest.raises(LockedStackError):
        waiting.until_released(locks_of(tmp_path, "fraud"))
    assert looks == []


def test_a_lock_that_only_the_engine_can_read_is_tried_again_until_the_limit(locks, wait, monkeypatch):
    monkeypatch.setattr(lock_wait, "_UNREADABLE_POLL_SECONDS", 0.01)
    waiting, _ = wait(10)
    waiting.until_released([OTHER])
    waiting.until_released([])
    waiting, _ = wait(0)
    with pytest.raises(LockedStackError):
        waiting.until_released([])


def test_a_wait_can_be_interrupted(locks, wait, tmp_path):
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(InterruptedOperationError):
        wait(10, stopped)[0].until_released(locks_of(tmp_path, "fraud"))


def test_an_engine_of_this_shell_is_waited_for_without_a_remedy(locks, wait, tmp_path, ended_engine, monkeypatch):
    now = datetime.now(UTC).isoformat()
    own = {"pid": ended_engine, "username": "ci", "hostname": socket.gethostname(), "timestamp": now}
    (locks / "other.json").write_text(json.dumps(own))
    waiting, said = wait(10)
    waiting.until_released(locks_of(tmp_path, "fraud"))
    assert "pulumi cancel" not in said[0]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=30), "1 day ago"),
        (timedelta(seconds=-5), "0 seconds ago"),
    ],
)
def test_the_age_of_a_lock_has_one_unit(age, words):
    now = OTHER.taken_at + age
    assert described(OTHER, now).endswith(f"({words})")
