"""The command line: ``./project check | render | contract | test``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from plinth_project.definitions.offline import write
from plinth_project.deployment.checks import CHECKS
from plinth_project.deployment.contract import CONTRACT, read_contract
from plinth_project.deployment.foundation import ENVIRONMENTS, read_foundation
from plinth_project.deployment.inference import Batch, RealTime, read_inference
from plinth_project.documents import ProjectError
from plinth_project.versions import refuse_other_version

VARIABLES: Mapping[str, str] = {
    "local": "MODEL_ARCHIVE",
    "endpoint": "ENDPOINT_NAME",
    "api": "API_URL",
    "batch": "START_FUNCTION",
}
"""Environment variable that names the service under test."""


def main(root: Path, words: Sequence[str] | None = None) -> None:
    """Runs one command on the repository in ``root``. Exits with 1 if it fails."""
    given = _parser().parse_args(words)
    try:
        refuse_other_version(root, major=True)
        given.run(given, root)
    except ProjectError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None


def check(given: argparse.Namespace, root: Path) -> None:
    faults = []
    for name in given.only or CHECKS:
        try:
            CHECKS[name](root)
            print(f"{name}: ok")
        except ProjectError as error:
            print(f"{name}: failed")
            faults.append(str(error))
    if faults:
        raise ProjectError(*faults)


def render(_: argparse.Namespace, root: Path) -> None:
    """Writes the API document, or the pipeline definition and the rule, of each environment."""
    from plinth_project.deployment.api import document_of, render_api
    from plinth_project.deployment.batch import NAME, render_batch
    from plinth_project.deployment.events import render_requests, render_rule

    foundation = read_foundation(root)
    for environment in ENVIRONMENTS:
        configuration = read_inference(root, environment)
        if isinstance(configuration, Batch):
            texts = {
                NAME: render_batch(root, foundation, environment, configuration),
                "start-batch": render_rule(root, foundation, environment, configuration),
            }
        else:
            texts = {
                "openapi": render_api(
                    root, foundation, environment, document_of(configuration), keys=bool(configuration.plans)
                )
            }
            if isinstance(configuration, RealTime) and configuration.events:
                texts["requests"] = render_requests(root, foundation, environment)
        for name, text in texts.items():
            print(write(root, f"{name}-{environment}", text).relative_to(root).as_posix())


def contract(given: argparse.Namespace, root: Path) -> None:
    """Compares the contract with a model, or replaces it."""
    from plinth_project.deployment.contracts import contract_of, differences

    own = read_contract(root)
    model = contract_of(given.version_folder, given.write or own.version)
    if given.write:
        (root / CONTRACT).write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")
    elif found := differences(own, model):
        fix = "callers must change: write it with --write as a new major version, also in the path of openapi.json"
        raise ProjectError(*(f"{CONTRACT}: {difference}" for difference in found), fix)
    print(f"{CONTRACT}: {model['version']}")


def test(given: argparse.Namespace, root: Path) -> None:
    """Runs the tests of the service against a model on this machine, an endpoint or the API."""
    variable = VARIABLES[given.against]
    if given.against == "local":
        if not given.model.is_file():
            raise ProjectError(f"{given.model}: missing; name the model.tar.gz of a local run of the build repository")
        os.environ[variable] = str(given.model.resolve())
    others = [name for name in VARIABLES.values() if name != variable]
    variables = {name: value for name, value in os.environ.items() if name not in others}
    if variable not in variables:
        raise ProjectError(f"{variable}: not set; it names the service under test")
    reports = root / "build" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    words = ["-m", "pytest", "--quiet", "tests", f"--junit-xml={reports / 'service.xml'}"]
    if subprocess.run([sys.executable, *words], cwd=root, env=variables, check=False).returncode:
        raise ProjectError(f"the tests against {given.against} failed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="project", description="Checks, renders and tests the inference service.")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("check", help="check structure, settings, style, types and unit tests")
    command.set_defaults(run=check)
    command.add_argument("--only", nargs="+", choices=list(CHECKS), help="run only these checks")
    command = commands.add_parser("render", help="write API documents or pipeline definitions to build/, without AWS")
    command.set_defaults(run=render)
    command = commands.add_parser("contract", help="compare the contract of the API with a model")
    command.set_defaults(run=contract)
    command.add_argument("version_folder", type=Path, metavar="FOLDER", help="folder of a registered version")
    command.add_argument(
        "--write", metavar="VERSION", help="replace the contract by that of the model, with this version"
    )
    command = commands.add_parser("test", help="run integration, stress and ML tests against the service")
    command.set_defaults(run=test)
    command.add_argument("--against", choices=list(VARIABLES), required=True)
    command.add_argument("--model", type=Path, default=Path("model.tar.gz"), help="archive of the model (local)")
    return parser
