"""The floor: as many of the barest resources as a stack has, on the same engine and the same emulated AWS."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.measure import Measured, measured
from tests.support.workbench import COMMANDS, Workbench

_PROJECT = f"""\
name: floor
runtime:
  name: python
  options:
    virtualenv: {COMMANDS.parent}
"""

_PROGRAM = """\
import pulumi_aws as aws

for number in range({count}):
    aws.ssm.Parameter(f"parameter-{{number}}", type="String", value=str(number))
"""

_TERRAFORM = """\
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws" }}
  }}
}}
provider "aws" {{
  region = "eu-west-1"
}}
resource "aws_ssm_parameter" "parameter" {{
  count = {count}
  name  = "terraform-${{count.index}}"
  type  = "String"
  value = tostring(count.index)
}}
"""


def run(bench: Workbench, directory: Path, *command: str) -> Measured:
    """A command in one of the bench's directories, as a shell that is connected with its sandbox runs it."""
    mark = str(bench.root / "sandbox")
    return measured(list(command), directory=directory, environment=bench.environment(), mark=mark)


def pulumi_floor(bench: Workbench, count: int) -> Measured:
    """One ``pulumi up`` of ``count`` parameters in one stack."""
    project = bench.root / "floor"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(_PROJECT)
    (project / "__main__.py").write_text(_PROGRAM.format(count=count))
    run(bench, project, "pulumi", "stack", "init", "floor", "--non-interactive")
    options = ("--yes", "--skip-preview", "--non-interactive", "--parallel", "16")
    return run(bench, project, "pulumi", "up", "--stack", "floor", *options)


def terraform_floor(bench: Workbench, count: int) -> Measured:
    """Deploys the same parameters with Terraform. Raises RuntimeError if Terraform cannot install its AWS provider."""
    project = bench.root / "terraform"
    project.mkdir()
    (project / "main.tf").write_text(_TERRAFORM.format(count=count))
    run(bench, project, "terraform", "init", "-input=false", "-no-color")
    return run(bench, project, "terraform", "apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=16")


def terraform_is_installed() -> bool:
    return shutil.which("terraform") is not None


def scratch(root: Path) -> Workbench:
    """The example organization with a sandbox of its own, up."""
    bench = Workbench.of_example(root)
    bench.sandbox("up")
    return bench
