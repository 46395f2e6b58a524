"""Starts the operations of one command as Jobs of the cluster of the tooling account."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selfservice.changes.reviewed_change import code_digest
from selfservice.clusters.api import KubernetesApi
from selfservice.clusters.job import JobSettings, job_name, job_of
from selfservice.clusters.job_input import JobInput
from selfservice.clusters.job_inputs import JobInputs, packed
from selfservice.clusters.job_worker import JobWorker
from selfservice.clusters.pod_owner import NoPodError, owner_of
from selfservice.clusters.token import KeptToken
from selfservice.engine.account_access import Account
from selfservice.engine.backend import KMS_PROVIDER, outputs_in, secrets_provider
from selfservice.errors import BadInputError, RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.operations.operation import Operation
from selfservice.projects.project import Project
from selfservice.projects.states import deployments_by_stack
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached
from settings.types.aws.account_access import AccountAccess, session_name

_STACKS = ("organization", "tooling-cluster", "tooling-runner")
_PERSON = re.compile(r"[\w+=,.@-]{2,64}")
"""Source identities (API reference of AWS STS, ``AssumeRole``)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launcher:
    """Starts Jobs for one person and one state of the settings."""

    api: KubernetesApi
    jobs: JobSettings
    limit: int
    """Number of Jobs that the settings allow at the same time."""
    inputs: JobInputs
    person: str
    owners: Mapping[str, str]
    """Owner of the pod of each stack."""
    settings: bytes
    """Archive with the settings."""
    program: str
    """Digest of the program."""
    shared: Collection[str]
    """Ids of the accounts of the organization that belong to no team."""

    def for_stack(self, project: Project, stack: str) -> Launcher:
        """Returns the launcher for an operation on a stack with the settings of a project, which may be a copy.

        Raises: NoPodError if no pod may run it.
        """
        state = deployments_by_stack(project, [stack])[stack]
        owner = _owner(load_cached(project.directory), stack, state, self.shared)
        if _with_passphrases(project, [stack]):
            raise NoPodError(stack, "a passphrase encrypts its secrets, and a pod gets none")
        return replace(self, owners={stack: owner}, settings=_settings(project.directory))

    def start(self, operation: Operation, directory: Path) -> JobWorker:
        """Starts the Job of an operation. Raises: RefusedError if its inputs cannot be stored."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            job_input = JobInput.of(operation, settings=self.inputs.put(self.settings), program=self.program)
            asked = self.inputs.put(job_input.as_json().encode())
        except (BotoCoreError, ClientError) as error:
            raise RefusedError(f"the bucket of states did not take the inputs of the Job: {error}") from error
        name = job_name(self.owners[operation.stack], operation.stack, self.inputs.run)
        body = job_of(name, operation.stack, self.person, asked, self.jobs)
        return JobWorker.start(self.api, self.jobs.namespace, body, directory)

    def clean_up(self, notify: Callable[[str], object]) -> None:
        """Deletes the inputs of Jobs, all of which have ended. Reports why if that fails."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.inputs.remove()
        except (BotoCoreError, ClientError) as error:
            notify(f"the inputs of Jobs stay in the bucket of states: {error}")


def launcher_for(project: Project, stacks: Sequence[str], session: Callable[..., Any] | None = None) -> Launcher:
    """Returns the launcher of a command on stacks.

    Raises: BadInputError if the organization has no runner in the cluster, or the shell keeps states elsewhere than its
    pods; RefusedError if no pod may run an operation on one of the stacks.
    """
    import boto3  # takes half a second, and few commands need it

    foundation = load_cached(project.directory)
    cluster = foundation.organization.tooling_cluster
    if cluster is None or cluster.runner is None:
        raise BadInputError(
            "--remote needs the runner in the Kubernetes cluster: set tooling_cluster.runner in Pulumi.yaml, and "
            "deploy tooling-cluster and tooling-runner"
        )
    runner = cluster.runner
    _refuse_other_backend(project, runner.state_bucket)
    _refuse_passphrases(project, stacks)
    states = deployments_by_stack(project, [*_STACKS, *(stack for stack in stacks if stack not in _STACKS)])
    organization, place, deployed = (_outputs(stack, states[stack]) for stack in _STACKS)
    shared = frozenset(organization["accounts"].values())
    # Without launchers in the settings, administrators of the cluster start Jobs.
    role = deployed.get("launcher_role_arn") or AccountAccess().role_arn(place["account_id"])
    aws = (session or boto3.Session)(region_name=foundation.organization.home_region)
    account = Account(place["account_id"], place["region"], role, session_name("jobs"))
    return Launcher(
        api=KubernetesApi(
            endpoint=place["endpoint"],
            authority=base64.b64decode(place["certificate_authority"]).decode(),
            token=KeptToken(account, place["cluster_name"]),
        ),
        jobs=JobSettings(
            namespace=deployed["namespace"],
            service_account=deployed["service_account"],
            image=deployed["image"],
            state_bucket=runner.state_bucket,
            region=foundation.organization.home_region,
            cpus=runner.cpus,
            memory_gib=runner.memory_gib,
        ),
        limit=runner.jobs,
        inputs=JobInputs(aws.client("s3"), runner.state_bucket, uuid.uuid4().hex),
        person=_person(aws),
        owners=_owners(foundation, stacks, states, shared),
        settings=_settings(project.directory),
        program=code_digest(project),
        shared=shared,
    )


def _refuse_other_backend(project: Project, bucket: str) -> None:
    url = urlsplit(project.backend_url)
    if (url.scheme, url.netloc) != ("s3", bucket):
        raise BadInputError(
            f"--remote needs the states where Jobs keep them: set PULUMI_BACKEND_URL to s3://{bucket}; it is "
            f"{project.backend_url.partition('?')[0] or 'not set'}"
        )


def _refuse_passphrases(project: Project, stacks: Sequence[str]) -> None:
    found = _with_passphrases(project, stacks)
    if found:
        raise BadInputError(
            f"--remote needs a KMS key for the secrets of {', '.join(found)}, because a pod gets no passphrase: run "
            "`pulumi stack change-secrets-provider awskms://…` for each"
        )


def _with_passphrases(project: Project, stacks: Sequence[str]) -> list[str]:
    """Returns the stacks whose secrets no key of KMS encrypts."""
    providers = {stack: secrets_provider(project.directory, stack) or "" for stack in stacks}
    return [stack for stack, provider in providers.items() if not provider.startswith(KMS_PROVIDER)]


def _outputs(stack: str, state: Mapping[str, Any]) -> Mapping[str, Any]:
    found = outputs_in(state)
    if not found:
        raise BadInputError(f"--remote needs {stack}, which is not deployed: run `plinth up {stack}`")
    return found


def _owners(
    foundation: Foundation, stacks: Sequence[str], states: Mapping[str, Mapping[str, Any]], shared: Collection[str]
) -> dict[str, str]:
    """Returns the owner of the pod of each stack. Raises: RefusedError with the reason for each stack without one."""
    found, reasons = {}, []
    for stack in stacks:
        try:
            found[stack] = _owner(foundation, stack, states[stack], shared)
        except NoPodError as refusal:
            reasons.append(str(refusal))
    if reasons:
        raise RefusedError("\n".join([*reasons, "run them without --remote"]))
    return found


def _owner(foundation: Foundation, stack: str, state: Mapping[str, Any], shared: Collection[str]) -> str:
    team = foundation.account_of_stack(StackIdentity.parse(stack)).team
    return owner_of(stack, team, state.get("resources") or (), shared)


def _person(session: Any) -> str:
    """Returns the name of the current credentials, for whom pods deploy."""
    arn = str(session.client("sts").get_caller_identity()["Arn"])
    name = arn.rpartition("/")[2]
    if not _PERSON.fullmatch(name):
        raise BadInputError(f"the credentials belong to {arn}, not to a person: sign in as one of the platform team")
    return name


def _settings(directory: Path) -> bytes:
    layout = Layout.of(directory)
    if not layout.settings_directory.is_relative_to(directory):
        raise BadInputError(f"--remote needs the settings below {directory}: change stackConfigDir in Pulumi.yaml")
    return packed(directory, layout.settings_files())
