"""Python programs and policy packs with the real engine. They use only component resources, which need no provider."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from plinth_sandbox import engine
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

COMPONENT = """
import sys
import pulumi

class Greeting(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Greeting", name)
        self.register_outputs({})

Greeting("one")
print("said on standard output; dry run:", pulumi.runtime.is_dry_run())
print("said on standard error", file=sys.stderr)
"""

SLOW = """
import os, pathlib, time
pathlib.Path("processes").write_text(f"{os.getpid()} {os.getppid()}")
print("at work")
time.sleep(600)
"""

PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def no_greetings(resource, report):
    if resource.resource_type == "test:index:Greeting":
        report("greetings are not allowed here")

PolicyPack("manners", [ResourceValidationPolicy("no-greetings", "No greetings", no_greetings)],
           enforcement_level=EnforcementLevel.MANDATORY)
"""


@dataclass(frozen=True)
class Project:
    directory: Path
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["pulumi", *arguments, "--stack", "dev", "--non-interactive"],
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pulumi(self, *arguments: str) -> str:
        """Runs a command, which must succeed, and returns its output."""
        code, output = self.fails_or_not(*arguments)
        assert code == 0, output
        return output

    def fails_or_not(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
        return process.returncode, output


def write_project(directory: Path, program: str, *, runtime: str = "", main: str = "") -> Project:
    directory.mkdir(parents=True, exist_ok=True)
    runtime = runtime or f"{{name: python, options: {{virtualenv: {sys.prefix}}}}}"
    (directory / "Pulumi.yaml").write_text(f"name: example\nruntime: {runtime}\n{main and f'main: {main}'}\n")
    if not main:
        (directory / "__main__.py").write_text(program)
    home, state = directory / "home", directory / "state"
    state.mkdir()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(engine.provide().binary_directory), os.environ["PATH"]]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{state}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    project = Project(directory, environment)
    project.pulumi("stack", "init")
    return project


def still_running(project: Project) -> list[int]:
    """Returns the processes of program and language host that run."""
    processes = [int(number) for number in (project.directory / "processes").read_text().split()]
    return [process for process in processes if alive(process)]


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_output(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    pytest.fail(f"the program ended without saying {text!r}")


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Runs one stack from preview to destroy and returns the engine's output of each step."""
    project = write_project(tmp_path_factory.mktemp("life"), COMPONENT)
    return {
        "before": project.pulumi("preview"),
        "up": project.pulumi("up", "--yes", "--skip-preview"),
        "after": project.pulumi("preview"),
        "destroy": project.pulumi("destroy", "--yes", "--skip-preview"),
    }


def test_a_program_is_previewed_deployed_and_destroyed(said):
    assert "+ 2 to create" in said["before"]
    assert "+ 2 created" in said["up"]
    assert "2 unchanged" in said["after"]
    assert "- 2 deleted" in said["destroy"]


def test_what_a_program_prints_reaches_the_user(said):
    assert "said on standard output; dry run: True" in said["before"]
    assert "said on standard error" in said["before"]
    assert "said on standard output; dry run: False" in said["up"]


def test_a_program_in_another_folder_knows_its_project_stack_and_configuration(tmp_path):
    program = tmp_path / "program"
    program.mkdir()
    (program / "__main__.py").write_text(
        "import os, pulumi\n"
        "pulumi.export('root', pulumi.get_root_directory())\n"
        "pulumi.export('here', os.getcwd())\n"
        "pulumi.export('names', [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])\n"
        "pulumi.export('plain', pulumi.Config().require('plain'))\n"
        "pulumi.export('hidden', pulumi.Config().get_secret('hidden'))\n"
        "pulumi.export('known to be secret', pulumi.runtime.is_config_secret('example:hidden'))\n"
    )
    project = write_project(tmp_path / "project", "", main="../program")
    project.pulumi("config", "set", "plain", "visible")
    project.pulumi("config", "set", "--secret", "hidden", "not-for-eyes")
    output = project.pulumi("up", "--yes", "--skip-preview")
    assert f'root              : "{project.directory}"' in output
    assert f'here              : "{program}"' in output
    for value in ('"organization"', '"example"', '"dev"', 'plain             : "visible"', "known to be secret: true"):
        assert value in output
    assert "[secret]" in output
    assert "not-for-eyes" not in output


def test_a_program_that_fails_shows_its_own_error_and_nothing_about_exit_codes(tmp_path):
    project = write_project(tmp_path, "raise ValueError('the cidr is too small')")
    code, output = project.fails_or_not("preview")
    assert code != 0
    assert "ValueError: the cidr is too small" in output
    assert "exit status" not in output


def test_the_exit_code_of_a_program_is_shown(tmp_path):
    code, output = write_project(tmp_path, "import sys; sys.exit(3)").fails_or_not("preview")
    assert code != 0
    assert "exit status 3" in output


def test_a_virtual_environment_that_is_missing_is_named(tmp_path):
    project = write_project(tmp_path, COMPONENT, runtime="{name: python, options: {virtualenv: nowhere}}")
    code, output = project.fails_or_not("preview")
    assert code != 0
    assert "nowhere" in output
    assert "python3 -m venv" in output or "pulumi install" in output


def test_about_names_the_python_that_runs_the_program(tmp_path):
    assert f"executable='{sys.prefix}/bin/python" in write_project(tmp_path, COMPONENT).pulumi("about")


def test_a_mandatory_policy_stops_a_preview(tmp_path):
    project = write_project(tmp_path, COMPONENT)
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n")
    (pack / "__main__.py").write_text(PACK)
    code, output = project.fails_or_not("preview", "--policy-pack", str(pack))
    assert code != 0
    assert "greetings are not allowed here" in output
    assert "[mandatory]" in output


def test_an_interrupt_ends_the_program_quietly(tmp_path):
    project = write_project(tmp_path, SLOW)
    process = project.start("preview")
    wait_for_output(process, "at work")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    eventually(lambda: not still_running(project))


def test_a_killed_engine_leaves_no_program_running(tmp_path):
    project = write_project(tmp_path, SLOW)
    process = project.start("preview")
    wait_for_output(process, "at work")
    assert len(still_running(project)) == 2
    process.kill()
    process.wait()
    eventually(lambda: not still_running(project))
