"""Tests of the content of distributions: the product alone at AWS, and every file that it reads at run time."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("settings", "components", "stacks", "policies", "selfservice", "runtime")
SANDBOX_ONLY = {"moto", "pysail", "pyspark-client", "sqlglot", "pyarrow", "flask", "plinth-sandbox"}


def locked(lock):
    return set(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==", (ROOT / lock).read_text(), re.MULTILINE))


def test_the_product_needs_no_emulator_and_no_spark():
    assert locked("requirements.txt") & SANDBOX_ONLY == set()
    assert locked("packages/plinth-sandbox/requirements.txt") >= SANDBOX_ONLY - {"plinth-sandbox"}


@pytest.mark.parametrize(
    ("folder", "inside", "packages"),
    [(".", "", PRODUCT), ("packages/plinth-sandbox", "src", ("plinth_sandbox",))],
)
def test_a_wheel_holds_every_file_of_its_packages(tmp_path, folder, inside, packages):
    source, project = ROOT / folder, tmp_path / "project"
    for name in [*packages, "pyproject.toml", "requirements.in", "README.md"]:
        path = Path(inside, name) if name in packages else Path(name)
        if (source / path).is_dir():
            shutil.copytree(source / path, project / path, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        elif (source / path).exists():
            shutil.copy(source / path, project / path)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", tmp_path, project], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    tracked = {str(file.relative_to(project / inside)) for file in (project / inside).rglob("*") if file.is_file()}
    ours = {name for name in tracked if name.partition("/")[0] in packages}
    assert ours - set(zipfile.ZipFile(wheel).namelist()) == set()
