"""Finds the data that an operation would delete: resources of kinds that hold data, and how the operation ends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from selfservice.formatting import resource_name

if TYPE_CHECKING:
    from settings.derived.stack_graph import StackIdentity

SPACE = "aws:sagemaker/space:Space"
"""A space is deleted with its person, whose line in the settings somebody removed. Only a replacement is unexpected."""

DATA_KINDS: Mapping[str, str] = {
    "aws:s3/bucket:Bucket": "its objects",
    "aws:s3/bucketV2:BucketV2": "its objects",
    "aws:dynamodb/table:Table": "its items",
    "aws:efs/fileSystem:FileSystem": "its files",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "its files",
    "aws:ebs/volume:Volume": "its blocks",
    "aws:rds/instance:Instance": "its databases",
    "aws:rds/cluster:Cluster": "its databases",
    "aws:backup/vault:Vault": "its backups",
    "aws:kms/key:Key": "everything that it encrypts, which nobody can read without it",
    "aws:secretsmanager/secret:Secret": "its versions",
    "aws:glue/catalogDatabase:CatalogDatabase": "its tables, also those that jobs created",
    "aws:glue/catalogTable:CatalogTable": "its partitions and its grants",
    "aws:sagemaker/domain:Domain": "the home directories and spaces of its users",
    SPACE: "its volume",
    "aws:sagemaker/notebookInstance:NotebookInstance": "its volume",
    "aws:sagemaker/featureGroup:FeatureGroup": "the records of its online store",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": "its model versions",
    "aws:sagemaker/mlflowApp:MlflowApp": "its runs",
    "aws:ecr/repository:Repository": "its images",
    "aws:codecommit/repository:Repository": "its commits",
}
"""Data that are lost with a resource, by its type in Pulumi: types that store what the program cannot create again.
Logs are not among them, because the log archive has them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """A resource with data that an operation deletes or replaces."""

    stack: str
    urn: str
    step: str
    """``delete`` or ``replace``. A replacement deletes the data, whichever of the two resources is created first."""

    @property
    def type(self) -> str:
        return type_of(self.urn)

    @property
    def resource(self) -> str:
        """Type and name, as a waiver names them."""
        return f"{self.type}::{'::'.join(self.urn.split('::')[3:])}"

    def __str__(self) -> str:
        return f"would {self.step} {resource_name(self.urn)} and with it {DATA_KINDS[self.type]}"


def losses(stack: str, steps: Mapping[str, str], resources: Iterable[Mapping[str, Any]]) -> list[Loss]:
    """Returns the losses of an operation, sorted by URN.

    ``steps`` are the deletions and replacements by URN, ``resources`` those of the state. Resources that the engine
    leaves in AWS (``retainOnDelete``), those that it only reads, and links to databases of others are not lost.
    """
    kept = {
        resource["urn"]
        for resource in resources
        if resource.get("retainOnDelete") or resource.get("external") or _is_link(resource)
    }
    return [
        Loss(stack=stack, urn=urn, step=step)
        for urn, step in sorted(steps.items())
        if type_of(urn) in DATA_KINDS and urn not in kept and (step, type_of(urn)) != ("delete", SPACE)
    ]


def _is_link(resource: Mapping[str, Any]) -> bool:
    """Returns whether a database of the data catalog is a resource link, which has no tables of its own."""
    return bool((resource.get("inputs") or {}).get("targetDatabase"))


def type_of(urn: str) -> str:
    """Returns the type of a resource, without the types of its components."""
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""


def is_durable(identity: StackIdentity) -> bool:
    """Returns whether a stack is production, or outlives environments: accounts, sign-in, logs and published data."""
    return identity.environment == "production" or identity.environment is None
