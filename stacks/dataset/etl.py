"""The ETL job, the crawler and the triggers of a dataset. They are part of the dataset's stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.data_lake.etl.etl_job import EtlJob, EtlJobArgs
from components.data_lake.etl.etl_permissions import EtlScope, PushTarget
from components.data_lake.etl.etl_start import EtlStart, EtlStartArgs
from components.data_lake.etl.landing_crawler import LandingCrawler, LandingCrawlerArgs
from components.data_lake.published_dataset import PublishedDataset
from settings.data.dataset import Dataset
from settings.data.etl import EtlUnit
from settings.data.lake import Part, Zone
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.rules.partial_config import stack_file
from stacks.shared.outputs import DataLakeOutputs, EtlOutputs
from stacks.shared.references import read

REPOSITORY = Path(__file__).resolve().parents[2]
"""Folder that script paths in the settings are relative to."""
LIBRARY = REPOSITORY / "etl" / "library"
"""Folder of the modules that every script may import."""
SOURCES: tuple[Zone, ...] = ("landing", "raw")


class ScriptMissing(pulumi.RunError):
    """The settings name a script that is not in the repository."""


def create_etl(
    dataset: Dataset,
    unit: EtlUnit,
    published: PublishedDataset,
    databases: Mapping[Part, pulumi.Input[str]],
    lake: DataLakeOutputs,
    account_id: pulumi.Output[str],
    foundation: Foundation,
    targets: Sequence[PushTarget],
    opts: pulumi.ResourceOptions,
) -> None:
    """Registers the job, the crawler and the triggers of the dataset, and lets the job push to ``targets``.

    Raises: ScriptMissing, before any resource is registered.
    """
    key = f"{stack_file(dataset.stack)}: plinth:dataset.etl.script"
    script = None if unit.script is None else script_text(unit.script, key)
    boundary_arn = lake.permissions_boundary_arn
    scope = EtlScope(
        account_id=account_id,
        region=foundation.organization.home_region,
        key_arn=lake.key_arn,
        source_arns=[pulumi.Output.concat("arn:aws:s3:::", lake.zone_buckets[zone]) for zone in SOURCES],
        sources=unit.sources,
    )
    context = _Context(dataset, unit, lake, read(EtlOutputs, StackIdentity("etl")), scope, boundary_arn, opts)
    crawler = _crawler(context) if unit.crawl else None
    job = None if script is None else _job(context, script, published, databases, targets)
    start = EtlStartArgs(
        dataset=dataset.name,
        unit=unit,
        account_id=account_id,
        landing_bucket=lake.zone_buckets["landing"],
        job_name=None if job is None else job.job_name,
        crawler_name=None if crawler is None else crawler.crawler_name,
        dead_letter_queue_arn=context.etl.dead_letter_queue_arn,
        boundary_arn=context.boundary_arn,
    )
    EtlStart("start", start, opts)


@dataclass(frozen=True, slots=True)
class _Context:
    """The settings and upstream outputs that the resources need."""

    dataset: Dataset
    unit: EtlUnit
    lake: DataLakeOutputs
    etl: EtlOutputs
    scope: EtlScope
    boundary_arn: pulumi.Output[str]
    opts: pulumi.ResourceOptions


def _crawler(context: _Context) -> LandingCrawler:
    args = LandingCrawlerArgs(
        dataset=context.dataset,
        sources=context.unit.sources,
        scope=context.scope,
        landing_bucket=context.lake.zone_buckets["landing"],
        security_configuration=context.etl.security_configuration,
        connection=context.etl.connections[0],
        boundary_arn=context.boundary_arn,
    )
    return LandingCrawler("crawler", args, context.opts)


def _job(
    context: _Context,
    script: str,
    published: PublishedDataset,
    databases: Mapping[Part, pulumi.Input[str]],
    targets: Sequence[PushTarget],
) -> EtlJob:
    args = EtlJobArgs(
        dataset=context.dataset,
        unit=context.unit,
        script=script,
        library={module.stem: module.read_text(encoding="utf-8") for module in LIBRARY.glob("*.py")},
        scope=context.scope,
        script_bucket=context.etl.script_bucket,
        zone_buckets=[context.lake.zone_buckets["raw"], context.lake.zone_buckets[context.dataset.zone]],
        locations=published.locations,
        source_buckets=[context.lake.zone_buckets[zone] for zone in SOURCES],
        databases=databases,
        security_configuration=context.etl.security_configuration,
        connections=[context.etl.connections[0], context.etl.connections[1]],
        boundary_arn=context.boundary_arn,
        targets=targets,
    )
    after = pulumi.ResourceOptions.merge(context.opts, pulumi.ResourceOptions(depends_on=[published]))
    return EtlJob("etl", args, after)


def script_text(path: str, key: str) -> str:
    """Returns the text of a script. ``key`` is the settings key that names it.

    Raises: ScriptMissing when the file cannot be read.
    """
    try:
        return (REPOSITORY / path).read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptMissing(
            f"{key}: {path} cannot be read ({error.strerror}); add it to the repository or name another script"
        ) from None
