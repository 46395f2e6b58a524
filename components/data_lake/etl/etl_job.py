"""The Glue job that produces a dataset, with its script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import pulumi
import pulumi_aws as aws

from components.data_lake.etl.etl_permissions import (
    EtlScope,
    PushTarget,
    push_dataset,
    run_in_lake,
    write_dataset,
    write_feature_records,
)
from components.identity.iam.principals import service_trust
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from settings.data.dataset import Dataset
from settings.data.etl import EtlUnit
from settings.data.lake import Part
from settings.types.naming import etl_role


@dataclass(frozen=True, kw_only=True, slots=True)
class EtlJobArgs:
    """Arguments of :class:`EtlJob`."""

    dataset: Dataset
    """Dataset that the job produces."""

    unit: EtlUnit
    """Settings of the job."""

    script: str
    """Source text of the script. The key of its S3 object is derived from its hash."""

    library: Mapping[str, str] = field(default_factory=dict)
    """Source texts of modules that the script may import, by module name."""

    scope: EtlScope
    """Sources and key of the job."""

    script_bucket: pulumi.Input[str]
    """Name of the bucket for scripts."""

    zone_buckets: Sequence[pulumi.Input[str]]
    """Names of the buckets that contain a folder of the dataset: raw, and the dataset's own zone."""

    locations: Mapping[Part, pulumi.Input[str]]
    """``s3://…/`` location of each dataset part."""

    source_buckets: Sequence[pulumi.Input[str]]
    """Names of the landing and raw buckets, which contain the sources."""

    databases: Mapping[Part, pulumi.Input[str]]
    """Name of each part's database."""

    security_configuration: pulumi.Input[str]
    """Name of the Glue security configuration."""

    connections: Sequence[pulumi.Input[str]]
    """Names of the Glue connections to the network."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    targets: Sequence[PushTarget] = ()
    """Buckets of environments to which the dataset is pushed, passed to the script as ``--pushed_<part>``."""


class EtlJob(pulumi.ComponentResource):
    """A Glue job with its script, and a role that reads the sources, writes the dataset and fills its feature groups.

    Keys of the script and its modules contain a hash of their content: a changed text is a new object and updates the
    job, so that earlier runs can be traced to their code. Bookmarks keep a run from processing data twice.

    Creates: one object for the script and for each module; the role; the job; the role's grants to add partitions to
    its tables and on its folder.

    Outputs: ``job_name``.

    Cost: 0.44 USD per DPU-hour of its runs; a G.1X worker is one DPU.

    Example::

        job = EtlJob("etl", EtlJobArgs(
            dataset=dataset, unit=dataset.etl, script=text, scope=scope, script_bucket=bucket, ...,
        ))
    """

    job_name: pulumi.Output[str]
    """Name of the job, for triggers; known once its role has its grants."""

    def __init__(self, name: str, args: EtlJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:EtlJob", name, None, opts)
        self._name, self._args = name, args
        script = self._uploaded("script", args.script, "{digest}.py")
        library = [
            self._uploaded(f"library-{module}", text, f"{{digest}}/{module}.py")
            for module, text in sorted(args.library.items())
        ]
        role = self._role()
        granted = self._grants(role)
        job = self._job(role, script, library)
        self.job_name = pulumi.Output.all(job.name, *granted).apply(lambda known: str(known[0]))
        self.register_outputs({"job_name": self.job_name})

    def _uploaded(self, name: str, text: str, key: str) -> aws.s3.BucketObjectv2:
        digest = sha256(text.encode()).hexdigest()[:16]
        return aws.s3.BucketObjectv2(
            f"{self._name}-{name}",
            bucket=self._args.script_bucket,
            key=f"{self._args.dataset.name}/{key.format(digest=digest)}",
            content=text,
            content_type="text/x-python",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role(self) -> BoundedRole:
        args, dataset = self._args, self._args.dataset
        scope = args.scope
        own = write_dataset(
            scope,
            bucket_arns=[pulumi.Output.concat("arn:aws:s3:::", bucket) for bucket in args.zone_buckets],
            folder=dataset.name,
            script_arn=pulumi.Output.concat("arn:aws:s3:::", args.script_bucket, f"/{dataset.name}/*"),
            tables=[f"{part}/{dataset.table}" for part in dataset.parts],
        )
        role = BoundedRoleArgs(
            role_name=etl_role(dataset.name),
            description=f"Makes the dataset {dataset.name} of what landed",
            trust=service_trust("glue", account_id=scope.account_id),
            permissions=[
                *run_in_lake(scope),
                *own,
                *push_dataset(scope.region, args.targets),
                *(write_feature_records(scope, args.unit.fills) if args.unit.fills else []),
            ],
            boundary_arn=args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", role, pulumi.ResourceOptions(parent=self))

    def _grants(self, role: BoundedRole) -> list[pulumi.Output[str]]:
        """Grants access to partitions of the tables, which Lake Formation governs. IAM controls access to the
        objects."""
        dataset = self._args.dataset
        partitions = [
            aws.lakeformation.Permissions(
                f"{self._name}-partitions-{part}",
                principal=role.arn,
                permissions=["ALTER", "DESCRIBE", "INSERT"],
                table=aws.lakeformation.PermissionsTableArgs(
                    database_name=self._args.databases[part], name=dataset.table
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for part in dataset.parts
        ]
        folder = pulumi.Output.concat("arn:aws:s3:::", self._args.zone_buckets[-1], f"/{dataset.name}")
        place = aws.lakeformation.Permissions(
            f"{self._name}-place",
            principal=role.arn,
            permissions=["DATA_LOCATION_ACCESS"],
            data_location=aws.lakeformation.PermissionsDataLocationArgs(arn=folder),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [grant.id for grant in (*partitions, place)]

    def _job(
        self, role: BoundedRole, script: aws.s3.BucketObjectv2, library: Sequence[aws.s3.BucketObjectv2]
    ) -> aws.glue.Job:
        unit = self._args.unit
        return aws.glue.Job(
            f"{self._name}-job",
            name=job_name(self._args.dataset.name),
            description=self._args.dataset.description,
            role_arn=role.arn,
            glue_version=unit.glue_version,
            worker_type=unit.worker_type,
            number_of_workers=unit.workers,
            timeout=unit.timeout_minutes,
            # Runs that would exceed the concurrency limit are queued, and Glue then accepts no retries.
            job_run_queuing_enabled=True,
            max_retries=0,
            execution_property=aws.glue.JobExecutionPropertyArgs(max_concurrent_runs=1),
            command=aws.glue.JobCommandArgs(script_location=_location(script), python_version="3"),
            connections=list(self._args.connections),
            security_configuration=self._args.security_configuration,
            default_arguments=self._arguments(library),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _arguments(self, library: Sequence[aws.s3.BucketObjectv2]) -> dict[str, pulumi.Input[str]]:
        """Returns the arguments of the script and of Glue itself."""
        args = self._args
        folders: list[pulumi.Output[str]] = [
            pulumi.Output.concat("s3://", bucket, f"/{source}/")
            for bucket in args.source_buckets
            for source in args.unit.sources
        ]
        parts: dict[str, pulumi.Input[str]] = {f"--{part}": location for part, location in args.locations.items()}
        return {
            "--sources": _listed(folders),
            "--table": args.dataset.table,
            **({"--features": ",".join(args.unit.fills)} if args.unit.fills else {}),
            **parts,
            **self._pushed(),
            **({"--extra-py-files": _listed(map(_location, library))} if library else {}),
            "--job-bookmark-option": "job-bookmark-enable",
            "--enable-continuous-cloudwatch-log": "true",
            "--enable-metrics": "true",
            "--enable-glue-datacatalog": "true",
        }

    def _pushed(self) -> dict[str, pulumi.Input[str]]:
        places: dict[Part, list[pulumi.Output[str]]] = {}
        for target in self._args.targets:
            for part, folder in target.folders.items():
                places.setdefault(part, []).append(pulumi.Output.concat("s3://", target.bucket_name, f"/{folder}"))
        return {f"--pushed_{part}": _listed(found) for part, found in places.items()}


def _location(uploaded: aws.s3.BucketObjectv2) -> pulumi.Output[str]:
    return pulumi.Output.concat("s3://", uploaded.bucket, "/", uploaded.key)


def _listed(places: Iterable[pulumi.Output[str]]) -> pulumi.Output[str]:
    """Joins locations with commas, as Glue arguments represent lists."""
    return pulumi.Output.all(*places).apply(lambda known: ",".join(known))


def job_name(dataset: str) -> str:
    """Returns the name of the job that produces a dataset."""
    return f"lake-{dataset}"
