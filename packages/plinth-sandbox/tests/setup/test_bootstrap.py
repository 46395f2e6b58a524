"""Sets up a clean clone with a lock of one package and an installed `pulumi`."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[4]

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "plinth"
version = "0.1.0"
[tool.setuptools]
packages = []
"""

SANDBOX = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "plinth-sandbox"
version = "0.1.0"
[project.scripts]
plinth-sandbox = "plinth_sandbox.progress:duration"
[project.entry-points."plinth.checks"]
engine = "plinth_sandbox.engine:report"
[tool.setuptools.packages.find]
where = ["src"]
"""

OLD_PYTHON = """
import collections, runpy, sys
sys.version_info = collections.namedtuple("version_info", "major minor micro")(3, 9, 2)
runpy.run_module("plinth_sandbox.setup.__main__", run_name="__main__")
"""


@dataclass(frozen=True)
class Clone:
    directory: Path

    @property
    def python(self) -> Path:
        return self.directory / ".venv" / "bin" / "python"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
        environment |= {
            "HOME": str(self.directory.parent),
            "XDG_CACHE_HOME": str(self.directory.parent / "cache"),
            "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip"),  # so that no package is downloaded twice
            "PYTHONPATH": str(self.directory / "packages" / "plinth-sandbox" / "src"),
            "PATH": os.pathsep.join([str(self.directory.parent / "programs"), "/usr/bin", "/bin"]),
        }
        return subprocess.Popen(
            [sys.executable, *(arguments or ("-m", "plinth_sandbox.setup"))],
            cwd=self.directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def bootstrap(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
        return process.returncode, output

    def wait_until_installing(self) -> None:
        eventually((self.directory / ".venv" / "plinth-install.log").exists)


def locked(name: str) -> str:
    """Returns the lines of one package in the project's own lock."""
    found = re.search(
        rf"^{name}==.*?(?=^\S)", (ROOT / "requirements.txt").read_text() + "\n#", re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return re.sub(r"^ +# .*\n?", "", found[0], flags=re.MULTILINE)


def new_clone(directory: Path) -> Clone:
    clone = Clone(directory / "clone")
    sandbox = clone.directory / "packages" / "plinth-sandbox"
    leave = shutil.ignore_patterns("__pycache__", "emulator", "provider", "*.egg-info")
    shutil.copytree(ROOT / "packages" / "plinth-sandbox" / "src", sandbox / "src", ignore=leave)
    (sandbox / "pyproject.toml").write_text(SANDBOX)
    (sandbox / "requirements.txt").touch()
    for name in ("iam-evaluator", "plinth-project"):
        (clone.directory / "packages" / name).mkdir()
        (clone.directory / "packages" / name / "pyproject.toml").write_text(PROJECT.replace("plinth", name))
    (clone.directory / "pyproject.toml").write_text(PROJECT)
    (clone.directory / "requirements.txt").write_text(locked("setuptools"))
    programs = directory / "programs"
    programs.mkdir()
    for name, text in {"pulumi": "#!/bin/sh\necho v3.300.1\n", "pulumi-language-python": ""}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return clone


@pytest.fixture
def clone(tmp_path):
    return new_clone(tmp_path)


@pytest.fixture(scope="module")
def ready_clone(tmp_path_factory):
    """Returns a clone that is set up once, for tests that do not change it."""
    clone = new_clone(tmp_path_factory.mktemp("ready"))
    code, output = clone.bootstrap()
    assert code == 0, output
    return clone


@pytest.fixture
def moved_clone(ready_clone, tmp_path):
    """Returns the ready clone after a move to another folder."""
    shutil.copytree(ready_clone.directory.parent, tmp_path / "moved", symlinks=True)
    return Clone(tmp_path / "moved" / "clone")


def processor_seconds():
    """Returns the processor time of ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_clean_clone_gets_its_command_and_its_entry_points(ready_clone):
    assert (ready_clone.directory / ".venv" / "bin" / "plinth-sandbox").exists()
    listing = "import importlib.metadata as m; print([e.value for e in m.entry_points(group='plinth.checks')])"
    found = subprocess.run([ready_clone.python, "-c", listing], capture_output=True, text=True, check=True, cwd="/")
    assert found.stdout.strip() == "['plinth_sandbox.engine:report']"


def test_a_second_run_does_nothing_in_under_a_second(ready_clone):
    before = ready_clone.python.parent.parent.stat().st_mtime_ns
    used = processor_seconds()
    code, output = ready_clone.bootstrap()
    assert code == 0
    assert processor_seconds() - used < 1  # elapsed time also includes other processes
    assert "as locked" in output
    assert "v3.300.1, found on the PATH" in output
    assert ready_clone.python.parent.parent.stat().st_mtime_ns == before


def test_a_changed_lock_is_installed(ready_clone):
    assert subprocess.run([ready_clone.python, "-c", "import jmespath"], stderr=subprocess.DEVNULL).returncode == 1
    with (ready_clone.directory / "requirements.txt").open("a") as lock:
        lock.write(locked("jmespath"))
    code, output = ready_clone.bootstrap()
    assert code == 0
    assert "new or changed: requirements.txt)" in output
    subprocess.run([ready_clone.python, "-c", "import jmespath"], check=True)


def test_a_moved_clone_is_set_up_anew(moved_clone):
    code, output = moved_clone.bootstrap()
    assert code == 0
    assert "the clone's place" in output
    assert str(moved_clone.python) in (moved_clone.directory / ".venv" / "bin" / "plinth-sandbox").read_text()


@pytest.mark.nightly
def test_a_killed_run_is_completed_by_the_next(clone):
    run = clone.start()
    clone.wait_until_installing()
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert not (clone.directory / ".venv" / "plinth-installed.json").exists()
    code, output = clone.bootstrap()
    assert code == 0, output
    assert not (clone.directory / ".venv" / "plinth-unfinished").exists()
    assert (clone.directory / ".venv" / "bin" / "plinth-sandbox").exists()


def test_an_interrupted_setup_says_that_the_next_run_continues(clone):
    run = clone.start()
    clone.wait_until_installing()
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=LONGEST_SECONDS)
    assert run.returncode == 130
    assert "continues where it stopped" in output
    assert "Traceback" not in output


@pytest.mark.nightly
def test_two_runs_at_once_install_once(moved_clone):
    runs = [moved_clone.start(), moved_clone.start()]
    outputs = [run.communicate(timeout=LONGEST_SECONDS)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert sum("installing the locks" in output for output in outputs) == 1


def test_a_package_that_differs_from_its_hash_is_refused_with_the_remedy(moved_clone):
    with (moved_clone.directory / "requirements.txt").open("a") as lock:
        lock.write(re.sub(r"sha256:\w{8}", "sha256:00000000", locked("mdurl")))
    code, output = moved_clone.bootstrap()
    assert code == 1
    assert "a package differs from the locked one" in output
    assert "Fix:" in output
    assert not (moved_clone.directory / ".venv" / "plinth-installed.json").exists()


def test_development_requirements_are_installed_only_on_request(ready_clone):
    (ready_clone.directory / "requirements-dev.txt").write_text(locked("six"))
    assert ready_clone.bootstrap()[1].count("as locked") == 1
    code, output = ready_clone.bootstrap("-m", "plinth_sandbox.setup", "--dev")
    assert code == 0
    assert "requirements-dev.txt" in output
    stamp = json.loads((ready_clone.directory / ".venv" / "plinth-installed.json").read_text())
    assert {"requirements.txt", "requirements-dev.txt"} <= set(stamp)
    assert "as locked" in ready_clone.bootstrap()[1]


@pytest.mark.nightly
@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_uv_installs_the_packages_and_pip_does_where_uv_cannot_be_had(clone, digest):
    lock = (ROOT / "packages" / "plinth-sandbox" / "requirements-uv.txt").read_text()
    changed = re.sub(r"sha256:\w{64}", f"sha256:{digest}", lock) if digest else lock
    (clone.directory / "packages" / "plinth-sandbox" / "requirements-uv.txt").write_text(changed)
    code, output = clone.bootstrap()
    assert code == 0, output
    assert (clone.directory / ".venv" / "bin" / "uv").exists() is not bool(digest)
    subprocess.run([clone.python, "-c", "import setuptools"], check=True)


def test_an_old_python_gets_a_message_with_the_required_version(ready_clone):
    code, output = ready_clone.bootstrap("-c", OLD_PYTHON)
    assert code == 1
    assert output == "Python 3.9 is too old\n  Fix: install Python 3.11 or newer and run it as python3.11\n"
