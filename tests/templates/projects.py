"""Projects that are generated from the templates, and the environment in which their commands run."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from copier import run_copy

from plinth_sandbox.engine.recipe import cache_directory
from plinth_sandbox.executors.environments import environment_from
from selfservice.authoring.new_file import replace_file
from selfservice.use_cases.library.wheel import FOLDER, Wheel, build_wheel

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
BUILD = TEMPLATES / "build"
LOCK = BUILD / "requirements.txt"
DEVELOPMENT, TOOLING = "111111111111", "222222222222"
PREPRODUCTION, PRODUCTION = "333333333333", "444444444444"
TAGS = {"plinth:owner": "fraud@acme.example", "plinth:cost-centre": "2000"}
ANSWERS: dict[str, Any] = {
    "repository": "build",
    "team": "fraud",
    "use_case": "scoring",
    "data_source": "sample",
    "development_account_id": DEVELOPMENT,
    "development_bucket": "ml-dev-fraud",
    "development_key_arn": f"arn:aws:kms:eu-west-1:{DEVELOPMENT}:key/1",
    "subnets": ["subnet-1"],
    "security_groups": ["sg-1"],
    "registry_account_id": TOOLING,
    "registry_bucket": "acme-artifacts",
    "registry_key_arn": f"arn:aws:kms:eu-west-1:{TOOLING}:key/2",
    "tags": TAGS,
}


def _account(environment: str, account_id: str, abbreviation: str) -> dict[str, Any]:
    """Returns the answers about an environment in which models are served."""
    found = {
        "account_id": account_id,
        "bucket": f"ml-{abbreviation}-fraud",
        "key_arn": f"arn:aws:kms:eu-west-1:{account_id}:key/3",
        "subnets": [f"subnet-{abbreviation}1", f"subnet-{abbreviation}2"],
        "security_groups": [f"sg-{abbreviation}"],
        "api_endpoint": f"vpce-{abbreviation}",
        "log_retention_days": 365,
    }
    return {f"{environment}_{name}": value for name, value in found.items()}


DEPLOYMENT: dict[str, Any] = {
    "repository": "deployment",
    "team": "fraud",
    "use_case": "scoring",
    **_account("preproduction", PREPRODUCTION, "preprod"),
    **_account("production", PRODUCTION, "prod"),
    "organization_id": "o-example1234",
    "test_endpoint": "vpce-tooling",
    "tags": TAGS,
}
"""Answers of a deployment repository."""


def generate(folder: Path, source: str | Path = TEMPLATES, version: str | None = None, **answers: Any) -> Path:
    """Generates a build repository, without questions. A source in git has versions."""
    run_copy(str(source), folder, data={**ANSWERS, **answers}, vcs_ref=version, defaults=True, quiet=True)
    return folder


def generate_deployment(folder: Path, **answers: Any) -> Path:
    """Generates a deployment repository, without questions."""
    run_copy(str(TEMPLATES), folder, data={**DEPLOYMENT, **answers}, defaults=True, quiet=True)
    return folder


@contextmanager
def forgetting_modules(*packages: str) -> Iterator[None]:
    """Forgets at the end what was imported of these packages meanwhile: those of other projects have the same names."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in sys.modules.keys() - before:
            if name.partition(".")[0] in packages:
                del sys.modules[name]


def git(folder: Path, *words: str, **variables: str) -> str:
    """Runs git without the configuration of this machine."""
    variables = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **variables}
    author = ["-c", "user.name=Ana", "-c", "user.email=ana@acme.example"]
    done = subprocess.run(
        ["git", *author, *words], cwd=folder, env=variables, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, branch: str = "main") -> str:
    """Commits all files, in a new repository if there is none. Returns the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch", branch)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Change")
    return git(folder, "rev-parse", "HEAD")


def environment() -> Path:
    """Returns the Python environment of generated projects. It is made once for each lock and kept in the cache."""
    # SageMaker starts tuning jobs and endpoints with these programs of the image.
    folder = BUILD / "algorithms" / "training" / "train"
    wheel = library_wheel()
    # The library as it is now, so that a fault in it is noticed before its hash is written into the lock.
    text = re.sub(r"(?<=^plinth-project==)\S+ .*?[0-9a-f]{64}$", _pin(wheel), LOCK.read_text(), flags=re.M | re.S)
    lock = wheel.file.with_name("requirements.txt")
    replace_file(lock, text.replace("--find-links vendor\n", ""))  # other processes and threads read it
    return environment_from(lock, [folder / "train", folder / "serve"], lock.parent)


def _pin(wheel: Wheel) -> str:
    return rf"{wheel.version} \\\n    --hash=sha256:{wheel.sha256}"


@functools.cache
def library_wheel() -> Wheel:
    """Returns the wheel of the library. The cache keeps it in a folder of its own, because other clones have others."""
    library = cache_directory().with_name("library")
    library.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=library) as folder:
        built = build_wheel(ROOT / FOLDER, Path(folder))
        kept = library / built.sha256[:16] / built.file.name
        kept.parent.mkdir(exist_ok=True)
        return Wheel(file=built.file.replace(kept), version=built.version)


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line of a project in the environment, without credentials of this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    # Threads that wait for each other take as much processor time as threads that work.
    own = {"PATH": f"{environment() / 'bin'}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    # mypy checks again what differs from its cache. Most of its time goes to libraries, which stay the same.
    own |= {"MYPY_CACHE_DIR": str(environment() / "mypy")}
    command = [environment() / "bin" / "python", "project", *words]
    return subprocess.run(
        command, cwd=folder, env={**kept, **own, **variables}, capture_output=True, text=True, check=False
    )


def answers_of(folder: Path) -> dict[str, Any]:
    """Returns the answers that Copier keeps in a project."""
    found: dict[str, Any] = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    return found
