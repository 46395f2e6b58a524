"""Programs that download get the same certificates, proxy and index, wherever they are started."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plinth_sandbox.engine import network
from plinth_sandbox.engine.network import BUNDLE_VARIABLES, network_environment

REPOSITORY = Path(__file__).resolve().parents[4]
FOLDERS = ("packages/plinth-sandbox/src", "selfservice", "runtime", "benchmarks", "tests/support")
PROGRAMS = frozenset({"uv", "pip", "npm", "git", "go"})

ON_THIS_MACHINE = {
    "plinth_sandbox/executors/codebuild/source.py": "git of the emulated CodeCommit and of folders",
    "plinth_sandbox/executors/codepipeline/codecommit.py": "git of the emulated CodeCommit",
    "plinth_sandbox/emulator/git/http.py": "git as a server",
    "plinth_sandbox/emulator/git/repository.py": "git on a bare repository",
    "plinth_sandbox/emulator/services/codebuild/executor/provider_source.py": "git on a bare repository",
    "plinth_sandbox/git_credential.py": "the configuration of git",
    "plinth_sandbox/engine/doctor.py": "the version of go",
    "plinth_sandbox/engine/go_program.py": "starts go with `plinth_sandbox.engine.command`; the version of go",
    "selfservice/use_cases/git.py": "git with the person's own configuration, as in their shell",
    "selfservice/fingerprints/affected.py": "git on this clone",
    "selfservice/settings_repository/branch.py": "git with the runner's own configuration, as in its shell",
    "selfservice/cli/commands/init.py": "the configuration of git",
    "benchmarks/pushes.py": "git on a clone of the sandbox",
    "benchmarks/onboarding.py": "git on a clone of the sandbox",
    "benchmarks/__main__.py": "git on this clone",
    "benchmarks/first_day.py": "git on this clone",
    "tests/support": "git of repositories of tests",
}
"""Files whose programs download nothing, or for which somebody else has configured them."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which pip has no settings, on a machine with certificates of the system."""
    monkeypatch.setattr(network, "_has_system_store", lambda: True)
    monkeypatch.setattr(network, "MACHINE_FILE", tmp_path / "etc" / "pip.conf")
    return tmp_path


def environment(home: Path, **given: str) -> dict[str, str]:
    return network_environment({"HOME": str(home), "XDG_CONFIG_DIRS": str(home / "xdg"), **given})


def test_uv_uses_the_certificates_of_the_system(home: Path) -> None:
    made = environment(home)
    assert (made["UV_SYSTEM_CERTS"], made["UV_NATIVE_TLS"]) == ("true", "true")
    assert environment(home, UV_SYSTEM_CERTS="false")["UV_SYSTEM_CERTS"] == "false"


def test_a_machine_without_certificates_leaves_uv_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_has_system_store", lambda: False)
    assert "UV_SYSTEM_CERTS" not in environment(home)


@pytest.mark.parametrize("variable", BUNDLE_VARIABLES)
def test_a_bundle_that_one_program_is_told_is_the_bundle_of_all(home: Path, variable: str) -> None:
    made = environment(home, **{variable: "/company.pem"})
    assert {made[name] for name in BUNDLE_VARIABLES} == {"/company.pem"}


def test_what_a_variable_says_is_not_replaced(home: Path) -> None:
    made = environment(home, SSL_CERT_FILE="/company.pem", GIT_SSL_CAINFO="/git.pem")
    assert (made["PIP_CERT"], made["GIT_SSL_CAINFO"]) == ("/company.pem", "/git.pem")


def test_a_proxy_is_told_in_both_spellings(home: Path) -> None:
    made = environment(home, https_proxy="http://proxy:1", NO_PROXY="localhost")
    assert (made["HTTPS_PROXY"], made["https_proxy"], made["no_proxy"]) == (*["http://proxy:1"] * 2, "localhost")
    assert "HTTP_PROXY" not in made


@pytest.mark.parametrize(
    "place", [".config/pip/pip.conf", ".pip/pip.conf", "etc/pip.conf", "xdg/pip/pip.conf", "named.conf"]
)
def test_uv_gets_index_certificates_and_proxy_of_pips_files(home: Path, place: str) -> None:
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    (home / place).write_text(
        "[global]\nindex-url = https://mirror/simple\nextra-index-url =\n  https://one\n  https://two\n"
        "cert = /company.pem\nproxy = http://proxy:1\n"
    )
    made = environment(home, **({"PIP_CONFIG_FILE": str(home / place)} if place == "named.conf" else {}))
    assert (made["UV_DEFAULT_INDEX"], made["UV_EXTRA_INDEX_URL"]) == (
        "https://mirror/simple",
        "https://one https://two",
    )
    assert (made["SSL_CERT_FILE"], made["HTTPS_PROXY"]) == ("/company.pem", "http://proxy:1")


def test_pip_gets_the_index_of_uv_and_files_that_pip_ignores_are_ignored(home: Path) -> None:
    (home / ".pip").mkdir()
    (home / ".pip" / "pip.conf").write_text("[global]\nindex-url = https://mirror/simple\n")
    assert environment(home, UV_DEFAULT_INDEX="https://uv")["PIP_INDEX_URL"] == "https://uv"
    assert "UV_DEFAULT_INDEX" not in environment(home, PIP_CONFIG_FILE=os.devnull)
    (home / ".pip" / "pip.conf").write_text("not a file of pip\n")
    assert "UV_DEFAULT_INDEX" not in environment(home)


def started(tree: ast.Module) -> Iterator[str]:
    """Yields the programs at the beginning of lists of words, by their name or a variable of that name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.List) or not node.elts:
            continue
        words = [each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        first = node.elts[0]
        if isinstance(first, ast.Name) and first.id in PROGRAMS:
            yield first.id
        elif isinstance(first, ast.Constant) and first.value in PROGRAMS and len(node.elts) > 1:
            yield str(first.value)
        elif "-m" in words and "pip" in words:
            yield "pip"


def test_every_place_that_starts_a_program_that_downloads_uses_the_same_function() -> None:
    without = []
    for file in (file for folder in FOLDERS for file in sorted((REPOSITORY / folder).rglob("*.py"))):
        text = file.read_text()
        programs = sorted(set(started(ast.parse(text))))
        told = "engine.network import" in text or "engine.command import" in text
        name = file.relative_to(REPOSITORY).as_posix().removeprefix("packages/plinth-sandbox/src/")
        if programs and not told and not any(name.startswith(known) for known in ON_THIS_MACHINE):
            without.append(f"{name}: {', '.join(programs)}")
    assert without == [], "start these programs with network_environment()"
