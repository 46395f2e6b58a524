"""Provides an engine on several kinds of machines. A script replaces Go, so that nothing is compiled."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from plinth_sandbox.engine import recipe
from plinth_sandbox.engine.locate import ready
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[4]

# Answers like Go, counts the builds, and ends each one when the file exists that it waits for.
GO = """#!{python}
import os, pathlib, sys, time
here, command = pathlib.Path({directory!r}), sys.argv[1:]
if command[0] == "version":
    print("go version go1.{minor}.0 linux/amd64")
elif command[:2] == ["env", "GOPROXY"]:
    print("https://modules.example")
elif command[:2] == ["env", "GOMODCACHE"]:
    print(here / "modules")
elif command[:2] == ["list", "-m"]:
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-analyzer-policy-python",
                   "dist/pulumi-resource-pulumi-python"):
        path = here / "sdk/python" / script
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    print(here / "sdk")
elif command[0] == "mod" and {complaint!r}:
    sys.exit({complaint!r})
elif command[0] == "build" and "-o" in command:
    with (here / "builds").open("a") as builds:
        builds.write("started\\n")
    output = pathlib.Path(command[command.index("-o") + 1])
    (output / "pulumi-language-python").touch()
    while {waits} and not (here / "go-on").exists():
        time.sleep(0.05)
    program = output / "pulumi"
    program.write_text("#!/bin/sh\\necho {version}\\n")
    program.chmod(0o755)
"""

PROVIDE = """
import sys
from plinth_sandbox.engine import provide
from plinth_sandbox.engine.errors import SetUpError
try:
    print(provide().binary_directory)
except SetUpError as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True)
class Machine:
    """A machine as the engine set-up sees it: a cache, a PATH, and no access to the vendor's site."""

    directory: Path

    @property
    def engines(self) -> Path:
        return self.directory / "cache" / "plinth" / "engine"

    @property
    def builds(self) -> int:
        log = self.directory / "builds"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def with_go(
        self, *, waits: bool = False, minor: int = 26, complaint: str = "", version: str = recipe.VERSION
    ) -> None:
        self.program(
            "go",
            GO.format(
                python=sys.executable, directory=str(self.directory), waits=waits, minor=minor,
                complaint=complaint, version=version,
            ),
        )  # fmt: skip

    def program(self, name: str, text: str, directory: str = "programs") -> Path:
        path = self.directory / directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def start(self) -> subprocess.Popen[str]:
        environment = {
            "HOME": str(self.directory),
            "XDG_CACHE_HOME": str(self.directory / "cache"),
            "PATH": os.pathsep.join([str(self.directory / "programs"), "/usr/bin", "/bin"]),
            "HTTPS_PROXY": "http://127.0.0.1:9",  # refuses at once
        }
        return subprocess.Popen(
            [sys.executable, "-c", PROVIDE],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def provide(self) -> tuple[str, str]:
        """Returns the answer and the progress messages."""
        process = self.start()
        answered, output = process.communicate(timeout=LONGEST_SECONDS)
        return answered.strip(), output

    def wait_for_build(self, number: int = 1) -> None:
        eventually(lambda: self.builds >= number)

    def end_builds(self) -> None:
        (self.directory / "go-on").touch()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def finished(machine: Machine) -> list[str]:
    return [path.name for path in machine.engines.iterdir() if path.is_dir()]


def test_an_engine_is_built_once_and_then_reused(machine):
    machine.with_go()
    first, output = machine.provide()
    assert "built from the Go module proxy" in output
    assert "https://modules.example" in output
    second, output_again = machine.provide()
    assert first == second
    assert output_again == ""
    assert machine.builds == 1
    assert {path.name for path in Path(first).iterdir()} == set(recipe.PROGRAMS)


def test_two_runs_at_once_build_one_engine(machine):
    machine.with_go(waits=True)
    first = machine.start()
    machine.wait_for_build()
    second = machine.start()
    assert second.stderr is not None
    assert any("waiting for another run" in line for line in second.stderr)
    machine.end_builds()
    (first_output, _), (second_output, _) = (run.communicate(timeout=LONGEST_SECONDS) for run in (first, second))
    assert first_output == second_output
    assert first_output.strip()
    assert machine.builds == 1


def test_a_killed_build_leaves_no_finished_engine_and_the_next_run_completes_it(machine):
    machine.with_go(waits=True)
    run = machine.start()
    machine.wait_for_build()
    run.kill()
    machine.end_builds()
    run.communicate()
    assert all(name.startswith(".unfinished-") for name in finished(machine))
    answered, _ = machine.provide()
    assert answered
    assert finished(machine) == [Path(answered).parent.name]


def test_an_interrupted_build_stops_go_and_cleans_up(machine):
    machine.with_go(waits=True)
    run = machine.start()
    machine.wait_for_build()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=LONGEST_SECONDS)
    assert finished(machine) == []


def test_a_pulumi_of_the_user_is_used_and_nothing_is_built(machine):
    mine = machine.program("pulumi", "#!/bin/sh\necho v3.300.1\n")
    machine.program("pulumi-language-python", "")
    answered, _ = machine.provide()
    assert answered == str(mine.parent)
    assert machine.builds == 0


def test_an_old_pulumi_is_not_used_and_the_reason_is_shown(machine):
    machine.with_go()
    machine.program("pulumi", "#!/bin/sh\necho v3.100.0\n")
    machine.program("pulumi-language-python", "")
    answered, output = machine.provide()
    assert answered.startswith(str(machine.engines))
    assert "its version is v3.100.0, and v3.220.0 or newer is required" in output


def test_a_pulumi_without_its_python_host_is_not_used_and_the_reason_is_shown(machine):
    machine.with_go()
    machine.program("pulumi", "#!/bin/sh\necho v3.300.1\n")
    answered, output = machine.provide()
    assert answered.startswith(str(machine.engines))
    assert "pulumi-language-python is neither beside it nor on the PATH" in output


def test_the_cached_engine_is_not_mistaken_for_the_users_own(machine, monkeypatch):
    machine.with_go()
    answered, _ = machine.provide()
    monkeypatch.setenv("XDG_CACHE_HOME", str(machine.directory / "cache"))
    monkeypatch.setenv("PATH", answered)
    engine = ready()
    assert engine is not None
    assert engine.origin == "built from the Go module proxy"


def test_without_pulumi_and_go_the_error_says_what_to_install(machine):
    answered, output = machine.provide()
    assert answered == ""
    assert "neither Pulumi nor Go is installed" in output
    assert "https://go.dev/dl" in output


def test_a_cache_that_cannot_be_written_is_named_with_the_remedy(machine):
    (machine.directory / "cache").write_text("no directory")
    answered, output = machine.provide()
    assert answered == ""
    assert f"{machine.engines} cannot be used" in output
    assert "XDG_CACHE_HOME" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("complaint", "remedy"),
    [
        ("reading https://modules.example/x/@v/v1.zip: 403 Forbidden", "name a proxy that serves it"),
        ("verifying x@v1: checksum mismatch\n\nSECURITY ERROR", "do not use that proxy"),
        ("write /x: no space left on device", "free some space"),
        ('Get "https://modules.example": dial tcp: lookup modules.example: no such host', "check the network"),
        ("go: go.mod requires go >= 1.25 (running go 1.22; GOTOOLCHAIN=local)", "unset GOTOOLCHAIN"),
    ],
)
def test_a_build_that_fails_for_a_known_reason_says_the_remedy(machine, complaint, remedy):
    machine.with_go(complaint=complaint)
    answered, output = machine.provide()
    assert answered == ""
    assert remedy in output
    assert "Traceback" not in output


def test_a_go_that_is_too_old_is_named(machine):
    machine.with_go(minor=19)
    assert "go1.19.0" in machine.provide()[1]
    assert machine.builds == 0


def test_an_engine_of_a_wrong_version_is_not_installed(machine):
    machine.with_go(version="v3.1.0")
    answered, output = machine.provide()
    assert answered == ""
    assert "reports version v3.1.0" in output
    assert finished(machine) == []


def test_a_changed_recipe_is_built_anew(tmp_path, monkeypatch):
    (tmp_path / "go.sum").write_text("one")
    monkeypatch.setattr(recipe, "MODULE", tmp_path)
    before = recipe.built_directory()
    (tmp_path / "go.sum").write_text("two")
    assert recipe.built_directory() != before


def test_the_cache_of_a_linked_home_directory_is_named_by_its_real_path(tmp_path, monkeypatch):
    """A node of Kubernetes sees folders of this machine at their real paths only."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link"))
    assert recipe.cache_directory("kubernetes") == tmp_path / "disk" / "plinth" / "kubernetes"
