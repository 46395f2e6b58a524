"""Runs moto's verified tests, those of the source distribution of the sandbox's moto version.

Each service gets a sandbox of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from plinth_sandbox.engine.network import network_environment
from plinth_sandbox.environment import endpoint_variables
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws

REGION = "us-east-1"
"""Region that most of the tests name."""
SERVICES = (
    "acm", "applicationautoscaling", "athena", "awslambda", "cloudwatch", "dynamodb", "ec2", "elbv2", "events", "iam",
    "kms", "lakeformation", "logs", "route53", "s3", "s3control", "secretsmanager", "sns", "sqs", "ssm",
    "stepfunctions",
)  # fmt: skip
"""Services that the platform uses and for which moto has verified tests, by moto's names."""
UNSUPPORTED = "NotImplementedBySandbox"
_PACKAGE = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of the tests of a service."""

    passed: int
    skipped: int
    """Tests that need what only their authors have, and those that moto's authors expect to fail."""
    refused: tuple[str, ...]
    """Names of tests that failed because the sandbox says that it does not emulate what they need."""
    failed: Mapping[str, str]
    """Reasons by names of the other tests that failed."""

    @property
    def tried(self) -> int:
        return self.passed + self.skipped + len(self.refused) + len(self.failed)


def fetch(folder: Path) -> Path:
    """Returns the folder with moto's tests, which is downloaded once. The hash is the one in the sandbox's lock."""
    moto = version("moto")
    suite = folder / f"moto-{moto}"
    if not suite.exists():
        locked = (_PACKAGE / "requirements.txt").read_text(encoding="utf-8")
        (entry,) = re.findall(r"^moto(?:\[[^\]]*\])?==.*?(?=^[a-z#])", locked, re.MULTILINE | re.DOTALL)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            requirement = Path(name) / "requirements.txt"
            requirement.write_text(re.sub(r"\s+#.*", "", entry))
            uv = str(Path(sys.executable).parent / "uv")
            pip = [uv, "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip", "download", "--quiet"]
            options = ["--no-deps", "--no-binary", "moto", "--require-hashes", "-r", str(requirement), "-d", name]
            subprocess.run([*pip, *options], env=network_environment(), check=True)
            (archive,) = Path(name).glob("moto-*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(Path(name) / "unpacked")
            (Path(name) / "unpacked" / suite.name).rename(suite)
    return suite


def run(service: str, suite: Path, folder: Path) -> Outcome:
    """Returns the outcome of the tests of a service against a new sandbox in ``folder``."""
    tests = [str(path) for path in (suite / "tests" / f"test_{service}").rglob("test_*.py") if _is_verified(path)]
    report = folder / "report.xml"
    with EmulatedAws(folder) as aws:
        keys = {name.upper(): value for name, value in aws.credentials(MANAGEMENT).items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_", "PYTEST_"))}
        environment = {
            **kept,
            **keys,
            "AWS_DEFAULT_REGION": REGION,
            **endpoint_variables(aws.url),
            "MOTO_TEST_ALLOW_AWS_REQUEST": "true",
            "PYTHONPATH": os.pathsep.join([str(_HERE), str(suite)]),
        }
        options = ["-p", "plugin", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-q", "--tb=short"]
        limits = ["--timeout", "60", "-o", "junit_family=xunit1", f"--junitxml={report}", "-c", os.devnull]
        command = [sys.executable, "-m", "pytest", *options, *limits, "--rootdir", str(suite), *tests]
        subprocess.run(command, cwd=suite, env=environment, capture_output=True)
    return _outcome(report)


def _is_verified(module: Path) -> bool:
    return "aws_verified" in module.read_text(encoding="utf-8")


def _outcome(report: Path) -> Outcome:
    passed = skipped = 0
    refused: list[str] = []
    failed: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        problem = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
        if problem is not None and UNSUPPORTED in (problem.text or ""):
            refused.append(str(case.get("name")))
        elif problem is not None:
            failed[str(case.get("name"))] = str(problem.get("message"))
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return Outcome(passed, skipped, tuple(refused), failed)


def row(service: str, outcome: Outcome) -> str:
    """Returns the row of the guide's table."""
    numbers = (outcome.tried, outcome.passed, outcome.skipped, len(outcome.refused), len(outcome.failed))
    return f"| {service} | {' | '.join(map(str, numbers))} |"
