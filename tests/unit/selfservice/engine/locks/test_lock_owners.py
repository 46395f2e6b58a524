import os
import socket
import subprocess
from pathlib import Path

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.engine.locks.lock_owners import all_dead, lock_owners_in


def refusal(process_id, host="elsewhere"):
    return (
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
        "lock file with `pulumi cancel`.\n"
        f"  file:///state/.pulumi/locks/organization/plinth/fraud/1f.json?no_tmp_dir=true: created by root@{host} "
        f"(pid {process_id}) at 2025-01-31T12:00:00Z\n"
    )


def test_the_engines_error_names_the_lock_owner():
    (owner,) = lock_owners_in(refusal(42))
    assert (owner.process_id, owner.user, owner.host) == (42, "root", "elsewhere")
    assert owner.lock_file == Path("/state/.pulumi/locks/organization/plinth/fraud/1f.json")
    assert str(owner) == "process 42 of root on elsewhere, since 2025-01-31T12:00:00Z"


def test_a_lock_in_a_bucket_is_no_file_of_this_machine():
    (owner,) = lock_owners_in(refusal(42).replace("file:///state", "s3://state"))
    assert owner.lock_file is None


def test_a_process_of_this_machine_that_ended_is_dead(ended_process):
    assert all_dead(lock_owners_in(refusal(ended_process, host=socket.gethostname())))


def test_a_process_of_another_machine_is_never_taken_for_dead(ended_process):
    assert not all_dead(lock_owners_in(refusal(ended_process)))


def test_a_number_that_now_belongs_to_another_program_is_dead():
    assert all_dead(lock_owners_in(refusal(os.getpid(), host=socket.gethostname())))


def test_a_living_engine_is_not_dead(tmp_path):
    engine = tmp_path / "pulumi"
    engine.symlink_to("/bin/sleep")
    process = subprocess.Popen([str(engine), str(LONGEST_SECONDS)])
    try:
        eventually(lambda: "(pulumi)" in Path(f"/proc/{process.pid}/stat").read_text())
        assert not all_dead(lock_owners_in(refusal(process.pid, host=socket.gethostname())))
    finally:
        process.kill()
        process.wait()


def test_one_running_lock_owner_keeps_the_lock(ended_process):
    here = socket.gethostname()
    assert not all_dead(lock_owners_in(refusal(ended_process, host=here) + refusal(42)))


def test_an_error_without_a_lock_owner_does_not_break_the_lock():
    assert not all_dead(lock_owners_in("[409] Conflict: Another update is currently in progress."))
