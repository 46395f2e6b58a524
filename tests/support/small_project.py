"""A project of components alone: the real engine and command line on it, with no provider and no AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from plinth_sandbox.engine import provide
from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.engine.backend import STATE_FORMAT
from settings.types.kinds import Phase
from tests.support.acme import ORGANIZATION

COMMANDS = Path(sys.executable).parent
TEAM = {"owner": "owner@acme.example", "cost_centre": "4711", "monthly_budget_usd": 5000}
PROGRAM = """\
import pathlib
import time

import pulumi

stack = pulumi.get_stack()
here = pathlib.Path(pulumi.get_root_directory())


class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        opts = pulumi.ResourceOptions(protect=(here / f"{stack}.protected").exists())
        super().__init__("small:test:Thing", name, None, opts)
        self.register_outputs({"name": name})


Thing("thing")
for extra in sorted(here.glob(f"{stack}.thing.*")):
    Thing(extra.suffix[1:])
if (here / f"{stack}.broken").exists():
    raise ValueError(f"{stack} is broken on purpose")
if not pulumi.runtime.is_dry_run():
    (here / f"{stack}.reached").touch()
    while (here / f"{stack}.slow").exists():
        time.sleep(0.05)
pulumi.export("account_id", "111111111111")
pulumi.export("password", pulumi.Output.secret("hush"))
"""


@dataclass(frozen=True, slots=True)
class SmallProject:
    """The stacks of one phase with the teams ``churn`` and ``fraud``; files steer the program.

    ``<stack>.broken`` makes it fail, ``<stack>.slow`` keeps an update from ending, ``<stack>.thing.<name>`` is one
    component more, ``<stack>.protected`` protects them all; ``<stack>.reached`` says that an update is under way.
    """

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the command line."""

    @classmethod
    def create(cls, root: Path, phase: Phase = "initial") -> SmallProject:
        project = cls(root)
        runtime = {"name": "python", "options": {"virtualenv": str(COMMANDS.parent)}}
        described = {
            "name": "small",
            "runtime": runtime,
            "stackConfigDir": "environments",
            "config": {"plinth:organization": {"value": {**ORGANIZATION, "phase": phase}}},
        }
        (project.directory / "environments").mkdir(parents=True)
        (project.directory / "Pulumi.yaml").write_text(yaml.safe_dump(described))
        (project.directory / "__main__.py").write_text(PROGRAM)
        for number, team in enumerate(("churn", "fraud")):
            config = {"plinth:team": {**TEAM, "cidr": f"10.1.{32 * number}.0/19"}}
            project.settings_file(team).write_text(yaml.safe_dump({"config": config}))
        for directory in ("home", "state"):
            (root / directory).mkdir()
        return project

    @property
    def directory(self) -> Path:
        return self.root / "project"

    def settings_file(self, stack: str) -> Path:
        return self.directory / "environments" / f"Pulumi.{stack}.yaml"

    def file(self, name: str) -> Path:
        return self.directory / name

    def add_policy_pack(self, body: str) -> None:
        """A pack beside the program whose one policy has ``body`` as its validation."""
        pack = self.directory / "policies" / "test"
        pack.mkdir(parents=True)
        described = {"runtime": {"name": "python", "options": {"virtualenv": str(COMMANDS.parent)}}}
        (pack / "PulumiPolicy.yaml").write_text(yaml.safe_dump(described))
        (pack / "__main__.py").write_text(
            "from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy\n"
            "def validate(args, report):\n" + textwrap.indent(body, "    ") + "\n"
            "PolicyPack('test', [ResourceValidationPolicy('critical-rules', 'test', validate)],"
            " enforcement_level=EnforcementLevel.MANDATORY)\n"
        )

    def git(self, *arguments: str) -> None:
        """Runs git in the project as a committer of its own."""
        identity = ("-c", "user.name=t", "-c", "user.email=t@acme.example")
        subprocess.run(["git", "-C", str(self.directory), *identity, *arguments], check=True)

    def commit(self, message: str) -> None:
        """Commits all files."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def change_team(self, stack: str, **settings: object) -> None:
        """Sets values in the settings file of a team."""
        file = self.settings_file(stack)
        content = yaml.safe_load(file.read_text())
        content["config"]["plinth:team"].update(settings)
        file.write_text(yaml.safe_dump(content))

    def write_states(self, *stacks: str) -> None:
        """States with one resource, as if these stacks had been deployed: the needs of those that a test deploys."""
        backend = self.root / "state" / ".pulumi"
        for stack in stacks:
            kind = "pulumi:pulumi:Stack"
            urn, outputs = f"urn:pulumi:{stack}::small::{kind}::small-{stack}", {"account_id": "111111111111"}
            resource = {"urn": urn, "type": kind, "custom": False, "outputs": outputs}
            state = {"stack": f"organization/small/{stack}", "latest": {"manifest": {}, "resources": [resource]}}
            file = backend / "stacks" / "small" / f"{stack}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"version": STATE_FORMAT, "checkpoint": state}))
        (backend / "meta.yaml").write_text("version: 1\n")

    def environment(self) -> dict[str, str]:
        foreign = ("AWS_", "PLINTH_", "PULUMI_", "PYTEST_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {
            "PATH": f"{provide().binary_directory}{os.pathsep}{os.environ['PATH']}",
            "PLINTH_CACHE_DIR": str(self.root / "cache"),
            "PLINTH_STATE_DIR": str(self.root / "operations"),
            "PULUMI_BACKEND_URL": f"file://{self.root / 'state'}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": str(self.root / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.variables,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line, running."""
        return subprocess.Popen(
            [COMMANDS / "plinth", *arguments],
            cwd=self.directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def plinth(self, *arguments: str) -> tuple[int, str]:
        """Exit code of the command line, and all that it said."""
        running = self.start(*arguments)
        said, _ = running.communicate(timeout=LONGEST_SECONDS)
        return running.returncode, said

    def pulumi(self, *arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        environment = self.environment()
        done = subprocess.run(command, cwd=self.directory, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    def resources(self, stack: str) -> list[str]:
        exported = json.loads(self.pulumi("stack", "export", "--stack", stack))
        return [resource["urn"] for resource in exported["deployment"].get("resources", [])]

    def locks(self, stack: str) -> Path:
        return self.root / "state" / ".pulumi" / "locks" / "organization" / "small" / stack
