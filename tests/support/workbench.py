"""A project directory, a sandbox and the two command lines, as a person has them: for tests on the real engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import yaml
from botocore.config import Config

from plinth_sandbox.environment import endpoint_of
from plinth_sandbox.waiting import LONGEST_SECONDS
from settings.derived.stack_graph import stacks_in
from settings.types.kinds import Phase, working_kinds_in
from tests.support.warm_commands import WarmCommands

REPOSITORY = Path(__file__).resolve().parents[2]
COMMANDS = Path(sys.executable).parent
"""Where the project's virtual environment keeps ``plinth``."""

COMMAND_SECONDS = 3 * LONGEST_SECONDS
"""Time limit of one command, which may wait for many things one after the other."""
ACCESS_ROLE = "OrganizationAccountAccessRole"
SKIP_CHECKPOINTS = "PULUMI_SKIP_CHECKPOINTS"
_SESSION = boto3.Session()
_PEOPLE = ("approvers", "business_approvers", "contributors", "release_approvers")
"""Settings of a delivery that name people."""
"""Reads the description of a service once, for all clients of it."""
_warm: WarmCommands | None = None
"""The process from which commands are forked; None if they are started."""


@dataclass(slots=True)
class Workbench:
    """One project directory with a sandbox of its own. Nothing outside ``root`` is written."""

    root: Path
    folder: str = "project"
    """Name of the project directory."""
    checkpoints: bool = True
    """Whether the engine writes a stack's state after each step, so that a kill loses nothing, or at the end only. The
    steps take a fifth of a deployment's time."""
    _printed: dict[str, str] = field(default_factory=dict)
    _told: dict[tuple[Path, int], Any] = field(default_factory=dict)
    _clients: dict[tuple[str, ...], Any] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return self.root / self.folder

    @property
    def sandbox_folder(self) -> Path:
        """The directory of the sandbox (``plinth_sandbox.layout``)."""
        return self.root / "sandbox"

    @property
    def _states(self) -> Path:
        return self.sandbox_folder / "state" / ".pulumi" / "stacks"

    @classmethod
    def of_example(
        cls, root: Path, *, teams: tuple[str, ...] = ("fraud", "churn"), phase: Phase = "scalable"
    ) -> Workbench:
        """A copy of the example organization with these teams, and a sandbox that is not yet up."""
        workbench = cls(root)
        workbench.fill_with_example(teams, phase)
        return workbench

    def fill_with_example(self, teams: tuple[str, ...], phase: Phase = "scalable") -> None:
        """Creates the project directory, a copy of the example organization with these teams."""
        project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
        organization = project["config"]["plinth:organization"]["value"]
        organization["phase"] = phase
        if "tooling" not in working_kinds_in(phase):
            del organization["packages"]
        project["main"] = str(REPOSITORY)
        project["runtime"]["options"]["virtualenv"] = str(COMMANDS.parent)
        self.project.mkdir(parents=True)
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        (self.project / "environments").mkdir()
        for stack in stacks_in(phase, teams):
            shutil.copy(REPOSITORY / "environments" / f"Pulumi.{stack.name}.yaml", self.settings_file(stack.name))
        if phase == "scalable":
            self._copy_published(teams)
            shutil.copy(REPOSITORY / "environments" / "Pulumi.etl.yaml", self.settings_file("etl"))
        self._copy_intakes()
        self._copy_use_cases(teams, delivered="tooling" in working_kinds_in(phase))

    @classmethod
    def of_small_example(cls, root: Path, *, phase: Phase) -> Workbench:
        """A copy of the smaller example, everything in one account, in this phase; its team is ``sales``."""
        workbench = cls(root)
        example = REPOSITORY / "environments" / "small"
        project = yaml.safe_load((example / "Pulumi.yaml").read_text())
        project["main"] = str(REPOSITORY)
        project["runtime"]["options"]["virtualenv"] = str(COMMANDS.parent)
        project["stackConfigDir"] = "environments"
        (workbench.project / "environments").mkdir(parents=True)
        (workbench.project / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        workbench.change_organization(phase=phase)
        for stack in stacks_in(phase, ["sales"]):
            shutil.copy(example / f"Pulumi.{stack.name}.yaml", workbench.settings_file(stack.name))
        return workbench

    def _copy_published(self, teams: tuple[str, ...]) -> None:
        """Datasets and groups of features of the example that these teams read or write, and nobody else."""
        for kind in ("data-lake", "features"):
            for file in (REPOSITORY / "environments").glob(f"Pulumi.{kind}--*.yaml"):
                (published,) = yaml.safe_load(file.read_text())["config"].values()
                if {*published["shared_with"], *published.get("returned_by", ())} <= set(teams):
                    shutil.copy(file, self.project / "environments" / file.name)

    def _copy_use_cases(self, teams: tuple[str, ...], *, delivered: bool) -> None:
        """Copies the stacks of use cases, or removes the deliveries of a phase without a tooling account."""
        for team in teams:
            if delivered:
                for file in (REPOSITORY / "environments").glob(f"Pulumi.{team}--*.yaml"):
                    shutil.copy(file, self.project / "environments" / file.name)
            else:
                use_cases = yaml.safe_load(self.settings_file(team).read_text())["config"]["plinth:team"]["use_cases"]
                kept = {name: _without_delivery(settings) for name, settings in use_cases.items()}
                self.change_team(team, use_cases=kept)

    def _copy_intakes(self) -> None:
        """The stacks of intakes and of steps whose datasets are here; of others the environment says nothing."""
        for name in (stack.name for stack in stacks_in("scalable", ("fraud", "churn")) if stack.is_environment):
            file = self.settings_file(name)
            said = yaml.safe_load(file.read_text())["config"].get("plinth:environment", {}) if file.exists() else {}
            if not {"intake", "glue_steps"} & said.keys():
                continue
            kept = {
                intake: settings
                for intake, settings in said.get("intake", {}).items()
                if self.settings_file(f"data-lake--{settings['dataset']}").exists()
            }
            steps = {
                step: settings
                for step, settings in said.get("glue_steps", {}).items()
                if all(self.settings_file(f"data-lake--{dataset}").exists() for dataset in settings["datasets"])
            }
            self.change_environment(name, intake=kept, glue_steps=steps)
            if kept or steps:
                stack = f"{name}-intake"
                shutil.copy(REPOSITORY / "environments" / f"Pulumi.{stack}.yaml", self.settings_file(stack))

    def change_organization(self, **settings: object) -> None:
        """Write other settings of the organization over those that Pulumi.yaml has."""
        _merge(self.project / "Pulumi.yaml", ["config", "plinth:organization", "value"], settings)

    def change_team(self, team: str, **settings: object) -> None:
        """Write other settings of a team over those that its file has."""
        _merge(self.settings_file(team), ["config", "plinth:team"], settings)

    def change_delivery(self, team: str, use_case: str, **settings: object) -> None:
        """Write other settings of a use case's delivery over those that the file of its team has."""
        _merge(self.settings_file(team), ["config", "plinth:team", "use_cases", use_case, "delivery"], settings)

    def change_environment(self, stack: str, **settings: object) -> None:
        """Write other settings of an environment over those that its file has."""
        _merge(self.settings_file(stack), ["config", "plinth:environment"], settings)

    def change_dataset(self, dataset: str, **settings: object) -> None:
        """Write other settings of a dataset over those that its file has."""
        _merge(self.settings_file(f"data-lake--{dataset}"), ["config", "plinth:dataset"], settings)

    def settings_of(self, environment: str) -> dict[str, Any]:
        """Returns the settings in the file of an environment."""
        return dict(yaml.safe_load(self.settings_file(environment).read_text())["config"]["plinth:environment"])

    def settings_file(self, stack: str) -> Path:
        return self.project / "environments" / f"Pulumi.{stack}.yaml"

    def environment(self) -> dict[str, str]:
        """Returns the variables that ``eval "$(plinth sandbox env)"`` sets in a shell, added to those of a bare one."""
        if not self._printed:
            self._printed = json.loads(self.sandbox("env", "--json").stdout)
        return self.bare_environment() | self._printed

    def keep_states_at(self, url: str) -> None:
        """Sets another backend for all commands from now on. Their shell has no passphrase any more."""
        self._printed = self.environment() | {"PULUMI_BACKEND_URL": url}
        self._printed.pop("PULUMI_CONFIG_PASSPHRASE", None)

    def sandbox(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the sandbox. ``up`` adds everybody whom the settings name to the directory."""
        users = [f"--user={name}" for name in sorted(self._people())] if arguments == ("up",) else []
        return self._run([COMMANDS / "plinth", "sandbox", *arguments, *users], self.bare_environment())

    def _people(self) -> set[str]:
        files = (self.project / "environments").glob("Pulumi.*.yaml")
        configs = [yaml.safe_load(file.read_text()).get("config") or {} for file in files]
        environments = [config.get("plinth:environment") or {} for config in configs]
        teams = [config.get("plinth:team") or {} for config in configs]
        deliveries = [
            use_case.get("delivery") or {} for team in teams for use_case in (team.get("use_cases") or {}).values()
        ]
        users = {name for settings in environments for name in (settings.get("studio") or {}).get("users") or {}}
        return users | {name for delivery in deliveries for people in _PEOPLE for name in delivery.get(people, ())}

    def plinth(
        self, *arguments: str, check: bool = True, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line in the project directory; with ``check``, a failure is an error with its output.

        ``variables`` are added to those of the shell, for example the credentials of a person.
        """
        environment = self.environment() | dict(variables or {})
        return self._run([COMMANDS / "plinth", *arguments], environment, check=check)

    def session_of(self, person: str, account_id: str, role: str = ACCESS_ROLE) -> dict[str, str]:
        """Return the credentials of a person's session in an account, as variables of a shell."""
        issued = self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{role}", RoleSessionName=person
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": issued["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": issued["SecretAccessKey"],
            "AWS_SESSION_TOKEN": issued["SessionToken"],
        }

    def pulumi(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run plain Pulumi in the project directory, as a person would by hand."""
        return self._run(["pulumi", *arguments, "--non-interactive"], self.environment(), check=check)

    def client(
        self, service: Any, account_id: str | None = None, region: str = "eu-west-1", *, role: str = ACCESS_ROLE
    ) -> Any:
        """A boto3 client of the management account, or of a role in a member account: the administrator's."""
        wanted = (service, account_id or "", region, role)
        if wanted not in self._clients:
            self._clients[wanted] = self._new_client(*wanted)
        return self._clients[wanted]

    def _new_client(self, service: Any, account_id: str, region: str, role: str) -> Any:
        environment = self.environment()
        keys = (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        options: Any = {
            "region_name": region,
            "endpoint_url": endpoint_of(service, environment["AWS_ENDPOINT_URL"]),
            "config": Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                inject_host_prefix=False,
                read_timeout=LONGEST_SECONDS,
            ),
        }
        if account_id:
            arn = f"arn:aws:iam::{account_id}:role/{role}"
            sts = self.client("sts", region=region)
            issued = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
            keys = (issued["AccessKeyId"], issued["SecretAccessKey"])
            options["aws_session_token"] = issued["SessionToken"]
        return _SESSION.client(service, aws_access_key_id=keys[0], aws_secret_access_key=keys[1], **options)

    def build_log(self, account_id: str, build: Mapping[str, Any]) -> str:
        """The log of a build of CodeBuild in an account."""
        place = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        events = self.client("logs", account_id).get_log_events(**place)["events"]
        return "\n".join(event["message"] for event in events)

    def stacks(self) -> list[str]:
        """The stacks that hold resources."""
        return sorted(stack for stack in self._kept() if self.state(stack))

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of a stack, with encrypted secrets."""
        (whole,) = [resource for resource in self.state(stack) if resource["type"] == "pulumi:pulumi:Stack"]
        return dict(whole["outputs"])

    def state(self, stack: str) -> list[dict[str, Any]]:
        """The resources of a stack as the engine keeps them."""
        return list(self.deployment(stack).get("resources") or [])

    def pending_operations(self) -> dict[str, Any]:
        """Returns the operations that the engine had started and not ended when it last wrote the state, by stack."""
        found = {stack: self.deployment(stack).get("pending_operations") for stack in self.stacks()}
        return {stack: operations for stack, operations in found.items() if operations}

    def deployment(self, stack: str) -> dict[str, Any]:
        """A stack's state as the engine wrote it. A file is read again when it was written since."""
        bucket = self.bucket
        if bucket:
            (key,) = (candidate for candidate in self._keys(bucket) if Path(candidate).stem == stack)
            body = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
            return dict(json.loads(body)["checkpoint"].get("latest") or {})
        (file,) = self._states.glob(f"*/{stack}.json")
        version = (file, file.stat().st_mtime_ns)
        if version not in self._told:
            self._told[version] = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        return dict(self._told[version])

    def _kept(self) -> list[str]:
        """The stacks that have a state."""
        bucket = self.bucket
        return [Path(key).stem for key in (self._keys(bucket) if bucket else self._states.glob("*/*.json"))]

    @property
    def bucket(self) -> str:
        """The bucket with the states; empty if they are in a folder."""
        url = urlsplit(self._printed.get("PULUMI_BACKEND_URL", ""))
        return url.netloc if url.scheme == "s3" else ""

    def _keys(self, bucket: str) -> list[str]:
        listed = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=".pulumi/stacks/")
        keys = (object_["Key"] for page in listed for object_ in page.get("Contents", ()))
        return [key for key in keys if key.endswith(".json")]

    def bare_environment(self) -> dict[str, str]:
        """The variables of a shell that is not connected to the sandbox."""
        foreign = ("AWS_", "PLINTH_", "PULUMI_", "PYTEST_", "PYTHON", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        at_the_end = {} if self.checkpoints else {SKIP_CHECKPOINTS: "true"}
        return (
            at_the_end
            | kept
            | {
                "PLINTH_SANDBOX_DIR": str(self.sandbox_folder),
                # Tests have the same result at every hour.
                "PLINTH_SANDBOX_SCHEDULES": "manual",
                "PLINTH_CACHE_DIR": str(self.root / "cache"),
                "PLINTH_STATE_DIR": str(self.root / "operations"),
            }
        )

    def _run(
        self, command: list[str | Path], environment: dict[str, str], *, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = _executed([str(word) for word in command], self.project, environment)
        if check and done.returncode != 0:
            words = " ".join(str(word) for word in command[1:])
            raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
        return done


def fork_commands() -> None:
    """Lets all benches of this process fork the commands of ``plinth`` from now on, which saves the time of imports."""
    global _warm
    _warm = _warm or WarmCommands()


def _executed(words: list[str], directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if _warm is not None and words[0] == str(COMMANDS / "plinth"):
        return _warm.run(words[1:], directory=directory, environment=environment, timeout=COMMAND_SECONDS)
    return subprocess.run(
        words,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        stdin=subprocess.DEVNULL,
    )


def _without_delivery(use_case: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in use_case.items() if key != "delivery"}


def _merge(file: Path, keys: list[str], settings: dict[str, object]) -> None:
    content = yaml.safe_load(file.read_text())
    inner = content
    for key in keys:
        inner = inner[key]
    inner.update(settings)
    # As JSON, which is YAML too, strings of digits keep their quotes.
    file.write_text(json.dumps(content, indent=2))
