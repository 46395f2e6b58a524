"""The runner of a team: it takes jobs from GitLab and runs each in a pod of the team's namespace."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import RoleRefArgs, SubjectArgs

from components.cluster.admission import RBAC, rule
from components.cluster.ci_runners.job_admission import JobAdmissionArgs, limit_runner
from components.cluster.guarded_namespace import GuardedNamespace, GuardedNamespaceArgs, allow_proxy
from components.cluster.hardened_deployment import HardenedDeployment, HardenedDeploymentArgs
from components.cluster.workload_identity import WorkloadIdentity, WorkloadIdentityArgs
from components.identity.iam.statements import Statement, through
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.role_ceiling import RoleCeiling, RoleCeilingArgs
from settings.types.naming import named

PORT, HEALTH_PATH = 9252, "/metrics"
"""Port at which GitLab Runner serves its metrics, which the probes ask for. No network policy admits another client."""
JOB_ACCOUNT = "job"
"""Service account of the pods of jobs."""
RUNNER_CPUS, RUNNER_GIB = 0.25, 1
"""vCPUs and GiB of memory that a runner requests. It moves logs of jobs, and runs none of their programs."""
_COMMAND = ("python", "-m", "runtime.ci.run")
_STOP_SECONDS = 3600
"""Time in which a runner that is replaced finishes its jobs: the default timeout of jobs (GitLab documentation, "Set a
limit for how long jobs can run")."""
_GRANTED: Sequence[tuple[str, Sequence[str]]] = (
    ("pods", ["create", "delete", "get", "list", "watch"]),
    ("pods/attach", ["create", "get"]),
    ("pods/exec", ["create", "get"]),
    ("pods/log", ["get", "list"]),
    ("events", ["list"]),
    ("secrets", ["create", "delete", "update"]),
    ("serviceaccounts", ["get"]),
)
"""Permissions in the namespace of jobs. GitLab Runner documents them ("Configure runner API permissions"), and one
more: reading secrets, which it does only if two have the same random name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """The cluster of runners, and what they all share."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster."""
    cluster_arn: pulumi.Input[str]
    """ARN of the cluster, whose pods alone may use the roles."""
    account_id: pulumi.Input[str]
    """Id of the cluster's account."""
    region: str
    """Region of the cluster and of the secrets."""
    namespace: pulumi.Input[str]
    """Namespace of the runners; known once it has its guards."""
    namespace_name: str
    """The name of that namespace."""
    key_arn: pulumi.Input[str]
    """ARN of the key that encrypts the tokens."""
    packages: Packages | None
    """Package repository from which jobs install. None: jobs have no role."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forge:
    """A GitLab instance, and the images with which its jobs run."""

    address: str
    """Address of the instance (``https://…``)."""
    image: pulumi.Input[str]
    """Image of the runner, with its digest."""
    helper_image: pulumi.Input[str]
    """Image of the helpers of jobs, with its digest."""
    job_images: Sequence[pulumi.Input[str]]
    """Images in which jobs may run, with their digests. The first one is the default."""
    proxy: str | None = None
    """Address of the HTTPS proxy in front of it (``http://<host>:<port>``). Default: none."""
    proxy_cidr: str | None = None
    """CIDR block of the proxy's network."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRunnerArgs:
    """Arguments of :class:`TeamRunner`."""

    team: str
    """Name of the team, of its runner and of the runner's service account."""

    role_name: str
    """Name of the runner's role, and prefix of the names of the jobs' role and of their boundary."""

    secret_name: str
    """Name of the secret with the token of the runner."""

    job_namespace: str
    """Namespace of the jobs, up to 63 characters."""

    cluster: Cluster
    """The cluster."""

    forge: Forge
    """The GitLab instance."""

    jobs: int
    """Number of jobs that run at the same time."""

    cpus: int
    """vCPUs that each job requests."""

    memory_gib: int
    """Memory that each job may use, in GiB."""


class TeamRunner(pulumi.ComponentResource):
    """A runner that takes jobs of one team from GitLab and runs each in a pod, which ends with the job.

    Jobs have a namespace of their own, whose quota admits no more of them than the settings. The runner may create,
    follow and delete their pods, and nothing outside of that namespace. An admission policy refuses pods of the runner
    with another service account, image or volume, because a definition of a job could ask for them. The runner reads
    its token from Secrets Manager with its own role when it starts; people store it there. Neither pods of jobs nor the
    state contain it. Jobs may read packages, and have no other permission in AWS.

    ``opts`` need a provider of the account and one of the cluster.

    Creates: the secret without a value; the boundary and the roles of the runner and, with packages, of the jobs; the
    namespace of the jobs with its guards and its service account; the network policy for the proxy -> ``forge.proxy``;
    the permissions of the runner, and the policy that limits them; the runner.

    Outputs: ``secret_arn``, ``job_namespace``, ``job_role_arn``.

    Raises: ValueError when no job could run.

    Cost: 0.40 USD a month for the secret; the instances of the runner and of its jobs.

    Example::

        TeamRunner("fraud", TeamRunnerArgs(
            team="fraud", role_name="tooling-ci-fraud", secret_name="plinth/ci/fraud", job_namespace="plinth-ci-fraud",
            cluster=cluster, forge=forge, jobs=4, cpus=1, memory_gib=4,
        ), pulumi.ResourceOptions(providers=[account_provider, cluster_provider]))
    """

    secret_arn: pulumi.Output[str]
    """ARN of the secret with the token of the runner."""
    job_namespace: pulumi.Output[str]
    """Namespace of the jobs; known once the runner is ready."""
    job_role_arn: pulumi.Output[str] | None
    """ARN of the role of the jobs. None without packages."""

    def __init__(self, name: str, args: TeamRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:TeamRunner", name, None, opts)
        self._name, self._args = name, args
        self.secret_arn = self._secret()
        runner_role_arn, self.job_role_arn = self._roles()
        self._namespace = self._guarded_namespace()
        ready = [self._job_account().id, self._permissions(), runner_role_arn]
        self.job_namespace = self._run(after=ready).apply(lambda _: args.job_namespace)
        self.register_outputs(
            {"secret_arn": self.secret_arn, "job_namespace": self.job_namespace, "job_role_arn": self.job_role_arn}
        )

    def _child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(after))

    def _secret(self) -> pulumi.Output[str]:
        """Creates the secret. It gets no value here, because a value would be in the state."""
        secret = aws.secretsmanager.Secret(
            f"{self._name}-token",
            name=self._args.secret_name,
            description=f"Token of the GitLab runner of {self._args.team}",
            kms_key_id=self._args.cluster.key_arn,
            recovery_window_in_days=7,
            opts=self._child(),
        )
        return secret.arn

    def _roles(self) -> tuple[pulumi.Output[str], pulumi.Output[str] | None]:
        """Creates the role of the runner, and the role of its jobs if they have permissions."""
        args, cluster = self._args, self._args.cluster
        runner = [
            Statement(sid="ReadTheToken", actions=["secretsmanager:GetSecretValue"], resources=[self.secret_arn]),
            Statement(
                sid="DecryptTheToken",
                actions=["kms:Decrypt"],
                resources=[cluster.key_arn],
                conditions=through("secretsmanager", cluster.region),
            ),
        ]
        jobs = [] if cluster.packages is None else list(install_packages(cluster.packages))
        boundary = RoleCeiling(
            f"{self._name}-boundary",
            RoleCeilingArgs(
                policy_name=named("policy", args.role_name, "boundary"),
                description=f"Ceiling of the runner of {args.team} and of its jobs",
                statements=[*runner, *jobs],
            ),
            self._child(),
        )
        description = f"Runner of {args.team}, which reads its token"
        role_arn = self._role(
            "runner", cluster.namespace_name, args.team, args.role_name, description, runner, boundary
        )
        if not jobs:
            return role_arn, None
        name, description = named("role", args.role_name, "jobs"), f"Jobs of {args.team}, which install packages"
        return role_arn, self._role("jobs", args.job_namespace, JOB_ACCOUNT, name, description, jobs, boundary)

    def _role(
        self,
        suffix: str,
        namespace: str,
        account: str,
        role_name: str,
        description: str,
        permissions: Sequence[Statement],
        boundary: RoleCeiling,
    ) -> pulumi.Output[str]:
        cluster = self._args.cluster
        identity = WorkloadIdentityArgs(
            cluster_name=cluster.cluster_name,
            cluster_arn=cluster.cluster_arn,
            account_id=cluster.account_id,
            namespace=namespace,
            service_account=account,
            role_name=role_name,
            description=description,
            permissions=permissions,
            boundary_arn=boundary.arn,
        )
        return WorkloadIdentity(f"{self._name}-{suffix}-identity", identity, self._child()).role_arn

    def _guarded_namespace(self) -> pulumi.Output[str]:
        args = self._args
        guarded = GuardedNamespaceArgs(
            namespace=args.job_namespace,
            cpus=args.jobs * args.cpus,
            memory_gib=args.jobs * args.memory_gib,
            pods=args.jobs,
        )
        namespace = GuardedNamespace(f"{self._name}-namespace", guarded, self._child()).namespace
        if args.forge.proxy is not None and args.forge.proxy_cidr is not None:
            allow_proxy(f"{self._name}-proxy", namespace, args.forge.proxy, args.forge.proxy_cidr, parent=self)
        return namespace

    def _job_account(self) -> kubernetes.core.v1.ServiceAccount:
        return kubernetes.core.v1.ServiceAccount(
            f"{self._name}-job-account",
            metadata=ObjectMetaArgs(name=JOB_ACCOUNT, namespace=self._namespace),
            automount_service_account_token=False,
            opts=self._child(),
        )

    def _permissions(self) -> pulumi.Output[str]:
        """Lets the runner use the namespace of jobs, once the policy about its requests is enforced."""
        args = self._args
        limit = limit_runner(
            f"{self._name}-limit",
            JobAdmissionArgs(
                policy_name=args.job_namespace,
                runner_namespace=args.cluster.namespace_name,
                runner_account=args.team,
                namespace=self._namespace,
                job_account=JOB_ACCOUNT,
                images=pulumi.Output.all(*args.forge.job_images),
                helper_image=args.forge.helper_image,
            ),
            self,
        )
        metadata = ObjectMetaArgs(name=args.team, namespace=self._namespace)
        role = kubernetes.rbac.v1.Role(
            f"{self._name}-role",
            metadata=metadata,
            rules=[rule("", [resource], verbs) for resource, verbs in _GRANTED],
            opts=self._child(),
        )
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-role-binding",
            metadata=metadata,
            role_ref=RoleRefArgs(api_group=RBAC, kind="Role", name=args.team),
            subjects=[SubjectArgs(kind="ServiceAccount", name=args.team, namespace=args.cluster.namespace_name)],
            opts=self._child(limit, role),
        )
        return binding.id

    def _run(self, *, after: Sequence[pulumi.Output[str]]) -> pulumi.Output[str]:
        """Runs the runner once the outputs ``after`` are known: its image is known no sooner."""
        args = self._args
        image = pulumi.Output.all(args.forge.image, *after).apply(lambda known: str(known[0]))
        deployment = HardenedDeploymentArgs(
            workload=args.team,
            namespace=args.cluster.namespace,
            image=image,
            command=_COMMAND,
            port=PORT,
            health_path=HEALTH_PATH,
            replicas=1,
            cpus=RUNNER_CPUS,
            memory_gib=RUNNER_GIB,
            environment=self._environment(),
            reaches_the_api=True,
            stop_seconds=_STOP_SECONDS,
        )
        return HardenedDeployment(f"{self._name}-runner", deployment, self._child()).url

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        args, packages = self._args, self._args.cluster.packages
        job_variables: Mapping[str, pulumi.Input[str]] = {} if packages is None else packages.variables
        variables: dict[str, pulumi.Input[str]] = {
            "AWS_REGION": args.cluster.region,
            "CI_FORGE": args.forge.address,
            "CI_HELPER_IMAGE": args.forge.helper_image,
            "CI_JOBS": str(args.jobs),
            "CI_JOB_ACCOUNT": JOB_ACCOUNT,
            "CI_JOB_CPUS": str(args.cpus),
            "CI_JOB_IMAGES": pulumi.Output.all(*args.forge.job_images).apply(json.dumps),
            "CI_JOB_MEMORY_GIB": str(args.memory_gib),
            "CI_JOB_NAMESPACE": args.job_namespace,
            "CI_JOB_VARIABLES": pulumi.Output.json_dumps(job_variables),
            "CI_PORT": str(PORT),
            "CI_TEAM": args.team,
            "CI_TOKEN_SECRET": self.secret_arn,
            "HOME": "/tmp",
        }
        return variables if args.forge.proxy is None else {**variables, "CI_PROXY": args.forge.proxy}
