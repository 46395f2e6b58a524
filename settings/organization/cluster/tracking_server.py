"""Settings of the MLflow tracking server in the Kubernetes cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from settings.organization.cluster.certificate import CertificateArn
from settings.types.aws.limits import DATABASE_BACKUP_DAYS, DATABASE_STORAGE_GIB
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.naming import TRACKING_SERVER
from settings.types.values import Checked, ImageDigest, List, RoleArn, WorkspaceName, matching, within

INSTANCE_CLASSES = (
    "db.t4g.medium", "db.t4g.large", "db.m7g.large", "db.m7g.xlarge", "db.m7g.2xlarge", "db.r7g.large", "db.r7g.xlarge",
)  # fmt: skip
"""Classes of the tracking database, a subset of those that RDS offers for PostgreSQL (RDS User Guide, "Supported DB
engines for DB instance classes"). A class of 1 GiB or less has too few connections for two servers."""


def _instance_class(text: str) -> str:
    if text not in INSTANCE_CLASSES:
        rule = f"is not an instance class of the tracking database ({', '.join(INSTANCE_CLASSES)})"
        raise refusal(Code.NOT_ALLOWED, rule, f"use one of them, such as {INSTANCE_CLASSES[0]}")
    return text


InstanceClass = Annotated[str, Checked(_instance_class, {"enum": list(INSTANCE_CLASSES)})]


def _identity(role: str) -> str:
    """Returns account and name of a role, which identify it without its path."""
    return f"{role.split(':')[4]}/{role.rpartition('/')[2]}"


def _in_one_workspace(clients: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Checks that a role has one workspace, which its requests need not name."""
    homes: dict[str, str] = {}
    for workspace, roles in clients.items():
        for role in roles:
            if (other := homes.setdefault(_identity(role), workspace)) != workspace:
                rule = f"has {role} in the workspaces {other} and {workspace}, and a role has one"
                raise refusal(Code.NAME_REPEATED, rule, "keep it in one of them")
    return clients


Clients = Annotated[Mapping[WorkspaceName, List[RoleArn]], Checked(_in_one_workspace)]


TrackingHost = Annotated[
    str,
    matching(
        r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+",
        "is not a host name in lower-case letters",
        "write a name of the certificate, without scheme, port and path: mlflow.acme.example",
    ),
]


SnapshotName = Annotated[
    str,
    matching(
        "(rds:)?[a-z](-?[a-z0-9]){0,250}",
        "is not the name of a DB snapshot in lower-case letters",
        "write the name that `aws rds describe-db-snapshots` lists",
    ),
]


class PrivateLinkSettings(Settings):
    """The way of networks of teams to the tracking server, by AWS PrivateLink."""

    verified: bool = Field(
        default=False,
        description="Whether the public DNS of your domain has the record `domain_record` that the stack exports. AWS "
        "looks for it once, in the update after you set this, and gives no network the name before.",
    )


class TrackingServerSettings(Settings):
    """Settings of the MLflow tracking server in the cluster. ``image`` has no default."""

    image: ImageDigest = Field(
        description="Digest of the image with the tracking server in the repository `plinth` of the tooling account.",
        examples=[f"sha256:{'b' * 64}"],
    )
    clients: Clients = Field(
        default_factory=dict,
        description="ARNs of the existing roles that may log and read runs, in any account, by workspace: "
        "`fraud: [arn:aws:iam::222222222222:role/plinth/fraud-development-job]`. A workspace has experiments, runs and "
        "artifacts of its own, which no other workspace sees. Default: nobody may.",
    )
    certificate: CertificateArn | None = Field(
        default=None,
        description="ARN of a certificate in ACM, in the tooling account and the home region, for a load balancer with "
        "TLS, which addresses of the tooling network reach. Default: only pods of the cluster reach the server.",
    )
    host: TrackingHost | None = Field(
        default=None,
        description="Name of the certificate by which networks reach the load balancer. Builds of use cases whose role "
        "is one of `clients` log there. Default: people and programs know the name themselves.",
        examples=["mlflow.acme.example"],
    )
    private_link: PrivateLinkSettings | None = Field(
        default=None,
        description="Offers the load balancer under its `host` to the accounts of `clients`, whose environments with "
        "`tracking_server` reach it from their networks. Default: no network but that of tooling.",
    )
    replicas: Annotated[int, within(1, 20, "pods")] = Field(default=2, description="Number of pods of the server.")
    cpus: Annotated[int, within(1, 16, "vCPUs")] = Field(default=1, description="vCPUs that each pod requests.")
    memory_gib: Annotated[int, within(1, 64, "GiB")] = Field(
        default=2, description="Memory that each pod may use, in GiB."
    )
    instance_class: InstanceClass = Field(
        default=INSTANCE_CLASSES[0], description="Instance class of the database, which runs in two zones."
    )
    storage_gib: Annotated[int, within(*DATABASE_STORAGE_GIB, "GiB")] = Field(
        default=20, description="Storage of the database, in GiB. RDS does not shrink it."
    )
    backup_days: Annotated[int, within(*DATABASE_BACKUP_DAYS, "days")] = Field(
        default=14, description="Days to keep backups of the database, to each point of which it can be restored."
    )
    restore_from: SnapshotName | None = Field(
        default=None,
        description="Name of a DB snapshot in the tooling account, from which a database is created beside the present "
        "one, which it then replaces. Keep the setting afterwards. Default: the database is created empty.",
        examples=["plinth-mlflow-before-upgrade"],
    )

    def admits(self, role_name: str) -> bool:
        """Returns whether a role of this name, in some account, is a client."""
        return any(role.rpartition("/")[2] == role_name for roles in self.clients.values() for role in roles)

    @property
    def client_variables(self) -> Mapping[str, str]:
        """Environment variables by which the client of MLflow finds the server and shows it the role of the process,
        with the plug-in of ``plinth-project``; none without a host name."""
        if self.host is None:
            return {}
        return {
            "MLFLOW_TRACKING_URI": f"https://{self.host}",
            "MLFLOW_TRACKING_AUTH": "plinth",
            "PLINTH_TRACKING_SERVER": TRACKING_SERVER,
        }

    @property
    def client_accounts(self) -> tuple[str, ...]:
        """Ids of the accounts of all clients, sorted."""
        return tuple(sorted({role.split(":")[4] for roles in self.clients.values() for role in roles}))
