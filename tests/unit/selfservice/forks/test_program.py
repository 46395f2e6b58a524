"""Programs and workers as forks of a process that has imported what they need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pulumi.runtime.proto import language_pb2

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.forks import handshake, program
from selfservice.forks.prepared import Imports, PreparedProcess
from selfservice.forks.program import Forks, ProgramRun, language_runtime
from selfservice.operations.operation import Action, Operation
from selfservice.runner.process import WorkerProcess
from settings.types import naming  # noqa: F401 (a module of the settings that programs take over)

REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture
def forks():
    """Made in a process of its own in production; here the tests' threads do not outlive a fork either."""
    made = Forks("no-such-stack", not_theirs=os.open(os.devnull, os.O_RDONLY))
    yield made
    made.close()


def run_of(script: Path, *words: str, **environment: str) -> ProgramRun:
    return ProgramRun(arguments=[str(script), *words], environment=environment, directory=str(script.parent))


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_program_sees_its_own_arguments_environment_and_directory_and_its_exit_code_comes_back(tmp_path, forks):
    script = written(
        tmp_path / "program",
        "import os, pathlib, sys\n"
        "pathlib.Path('seen').write_text(f'{sys.argv[1:]} {os.environ[\"STACK\"]} {__name__}')\n"
        "sys.exit(7)\n",
    )
    assert forks.run(run_of(script, "--dry_run", "true", STACK="fraud"), lambda _: None) == 7
    assert (tmp_path / "seen").read_text() == "['--dry_run', 'true'] fraud __main__"


def test_a_process_that_does_not_start_a_program_is_named_after_the_time_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(handshake, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(program, "_serve", lambda commands, stack: list(iter(lambda: commands.recv(4096), b"")))
    forks = Forks("fraud", not_theirs=os.open(os.devnull, os.O_RDONLY))
    answer = program._Runtime(forks, "program", {}).Run(request(directory=tmp_path), None)
    assert answer.error.startswith("the process that runs the program of fraud did not answer within 0.05 s")
    forks.close()


def test_a_process_that_ended_before_it_started_a_program_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "_serve", lambda commands, stack: None)
    forks = Forks("fraud", not_theirs=os.open(os.devnull, os.O_RDONLY))
    answer = program._Runtime(forks, "program", {}).Run(request(directory=tmp_path), None)
    assert answer.error == "the process that runs the program of fraud has ended"
    forks.close()


def test_what_one_program_changes_the_next_does_not_see(tmp_path, forks):
    script = written(
        tmp_path / "program",
        "import os, sys\nseen = 'MARK' in os.environ\nos.environ['MARK'] = '1'\nsys.exit(int(seen))\n",
    )
    assert [forks.run(run_of(script), lambda _: None) for _ in range(2)] == [0, 0]


def test_a_program_whose_request_is_over_is_stopped(tmp_path):
    script = written(tmp_path / "program", "import time\ntime.sleep(3600)\n")
    forks = Forks("no-such-stack", not_theirs=os.open(os.devnull, os.O_RDONLY))

    class Cancelled:
        """A request that the engine gives up as soon as its program runs."""

        def add_callback(self, callback):
            callback()
            return True

        def is_active(self):
            return False

    answer = program._Runtime(forks, str(script), {}).Run(request(directory=tmp_path), Cancelled())
    forks.close()
    assert answer.bail


def request(*, directory: Path) -> object:
    asked = language_pb2.RunRequest(
        project="plinth", stack="fraud", monitor_address="127.0.0.1:1", args=["127.0.0.1:2"], pwd=str(directory),
        dryRun=True, parallel=16, config={"plinth:team": "{}"}, organization="organization",
    )  # fmt: skip
    asked.info.root_directory = str(directory)
    return asked


def test_the_executor_is_told_what_the_engine_says(tmp_path):
    run = program._program_run(request(directory=tmp_path), "/engine/executor", {"RECORDING": "/reads"})
    assert run.arguments == [
        "/engine/executor", "--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--project", "plinth", "--stack",
        "fraud", "--organization", "organization", "--root_directory", str(tmp_path), "--pwd", str(tmp_path),
        "--dry_run", "true", "--parallel", "16", ".",
    ]  # fmt: skip
    assert run.environment == {
        "RECORDING": "/reads",
        "PULUMI_CONFIG": '{"plinth:team": "{}"}',
        "PULUMI_CONFIG_SECRET_KEYS": "[]",
    }


def asked_of(project: Path, action: Action) -> Operation:
    return Operation(
        action=action, stack="x", project_directory=project, lock_path=project / "lock", fingerprints=project
    )


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"main": "elsewhere"}, False),
        ({"runtime": "python"}, False),
        ({"runtime": {"name": "nodejs"}}, False),
        ({"runtime": {"name": "python", "options": {"virtualenv": "elsewhere"}}}, False),
    ],
)
def test_only_the_program_beside_the_command_line_with_its_python_is_forked(tmp_path, changes, ours, monkeypatch):
    executor = written(tmp_path / "executor", "")
    monkeypatch.setattr(program, "_executor", lambda: str(executor))
    project = {"main": str(REPOSITORY), "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project | changes))
    asked = Operation(
        action=Action.UP, stack="x", project_directory=tmp_path, lock_path=tmp_path / "lock", fingerprints=tmp_path
    )
    with language_runtime(asked, {}, not_theirs=os.open(os.devnull, os.O_RDONLY)) as environment:
        assert (program.CLIENT_VARIABLE in environment) is ours


def test_preparing_a_stack_imports_the_services_of_the_sdk_that_it_uses_and_none_of_its_modules():
    question = (
        "import sys; from stacks.preparation import steps; list(steps(['fraud-development']));"
        "print([name in sys.modules for name in ('pulumi_aws.ec2.vpc', 'pulumi_aws.iam.role', 'pulumi_aws.emr.cluster',"
        " 'stacks.environment.stack')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", question], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert answer.stdout.strip() == "[True, True, False, False]", answer.stderr


def test_a_program_imports_the_modules_of_the_command_anew(tmp_path, forks):
    script = written(
        tmp_path / "program",
        "import sys\n"
        "before = 'selfservice.projects.states' in sys.modules\n"
        "import selfservice.projects.states\n"
        "sys.exit(before)\n",
    )
    assert forks.run(run_of(script), lambda _: None) == 0


def test_a_program_sends_no_debug_messages_to_the_engine(tmp_path, forks):
    script = written(
        tmp_path / "program",
        "import sys\nfrom pulumi import log\nlog.get_engine = lambda: sys.exit(9)\nlog.debug('registering')\n",
    )
    assert forks.run(run_of(script), lambda _: None) == 0


def test_a_worker_outlives_the_process_that_it_is_a_fork_of_and_its_end_is_seen(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    lock = tmp_path / "lock"
    asked = Operation(
        action=Action.PREVIEW, stack="x", project_directory=tmp_path, lock_path=lock, fingerprints=tmp_path
    )
    held = ["flock", "--no-fork", str(lock), "sh", "-c", f"echo held; exec sleep {LONGEST_SECONDS}"]
    holder = subprocess.Popen(held, stdout=subprocess.PIPE, text=True)
    prepared = PreparedProcess()
    try:
        assert holder.stdout.readline() == "held\n"
        worker = WorkerProcess(asked, tmp_path / "run", prepared)
        eventually(lambda: worker.read())
        prepared.close()
        assert worker.is_alive()
        worker.interrupt()
        eventually(lambda: not worker.is_alive())
    finally:
        holder.kill()
        holder.communicate()


def test_imports_for_workers_to_come_end_with_the_last_of_them():
    imports = Imports()
    imports.announce([])
    imports.announce(["no-such-stack", "fraud"])
    imports.forked_worker()
    assert not imports.are_done
    imports.forked_worker()
    assert imports.are_done
