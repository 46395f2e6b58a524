import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.engine.locks.engine_records import recorded
from selfservice.engine.locks.lock_owners import all_dead, lock_owners_in

HERE = socket.gethostname()


def refusal(process_id, host="elsewhere", at=None):
    at = at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
        "lock file with `pulumi cancel`.\n"
        f"  file:///state/.pulumi/locks/organization/plinth/fraud/1f.json?no_tmp_dir=true: created by root@{host} "
        f"(pid {process_id}) at {at}\n"
    )


def test_the_engines_error_names_the_lock_owner():
    (owner,) = lock_owners_in(refusal(42, at="2025-01-31T12:00:00Z"))
    assert (owner.process_id, owner.user, owner.host) == (42, "root", "elsewhere")
    assert owner.lock_file == Path("/state/.pulumi/locks/organization/plinth/fraud/1f.json")
    assert str(owner) == "process 42 of root on elsewhere, since 2025-01-31T12:00:00Z"


def test_a_lock_in_a_bucket_is_no_file_of_this_machine():
    (owner,) = lock_owners_in(refusal(42).replace("file:///state", "s3://state"))
    assert owner.lock_file is None


def test_an_engine_that_was_started_here_and_ended_is_dead(ended_engine):
    assert all_dead(lock_owners_in(refusal(ended_engine, HERE)))


def test_a_process_that_was_not_started_here_is_never_taken_for_dead(ended_process, ended_engine):
    """A container may have the name of this host, and its process ids start from 1."""
    assert not all_dead(lock_owners_in(refusal(ended_process, HERE)))
    assert not all_dead(lock_owners_in(refusal(ended_engine, "elsewhere")))


def test_a_lock_from_before_the_start_of_an_engine_is_not_its_lock(ended_engine):
    assert not all_dead(lock_owners_in(refusal(ended_engine, HERE, at="2025-01-31T12:00:00Z")))
    assert not all_dead(lock_owners_in(refusal(ended_engine, HERE, at="yesterday")))


def test_a_lock_from_after_the_end_of_an_engine_is_not_its_lock(ended_engine):
    later = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    assert not all_dead(lock_owners_in(refusal(ended_engine, HERE, at=later)))


def test_a_living_engine_is_not_dead(tmp_path, monkeypatch):
    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path))
    engine = tmp_path / "pulumi"
    engine.symlink_to("/bin/sleep")
    with recorded([str(engine), str(LONGEST_SECONDS)]) as command:
        process = subprocess.Popen(command)
        try:
            eventually(lambda: "(pulumi)" in Path(f"/proc/{process.pid}/stat").read_text())
            (owner,) = lock_owners_in(refusal(process.pid, HERE))
            assert (owner.is_ours, owner.is_dead) == (True, False)
        finally:
            process.kill()
            process.wait()
        assert owner.is_dead


def test_one_running_lock_owner_keeps_the_lock(ended_engine):
    assert not all_dead(lock_owners_in(refusal(ended_engine, HERE) + refusal(42)))


def test_an_error_without_a_lock_owner_does_not_break_the_lock():
    assert not all_dead(lock_owners_in("[409] Conflict: Another update is currently in progress."))
