"""How a dataset is made: its job, its crawler, and what starts them. Part of the dataset's own stack."""

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
from settings.derived.outputs import DataLakeOutputs, EtlOutputs
from settings.derived.partial_config import stack_file
from settings.derived.stack_graph import StackIdentity
from stacks.shared.references import read

REPOSITORY = Path(__file__).resolve().parents[2]
"""Where paths of scripts begin."""
LIBRARY = REPOSITORY / "etl" / "library"
"""Modules that every script may import."""
SOURCES: tuple[Zone, ...] = ("landing", "raw")

Lake = pulumi.Output[DataLakeOutputs]


class ScriptMissing(pulumi.RunError):
    """The settings name a script that the repository does not have."""


def make(
    dataset: Dataset,
    unit: EtlUnit,
    published: PublishedDataset,
    databases: Mapping[Part, pulumi.Input[str]],
    lake: Lake,
    account_id: pulumi.Output[str],
    foundation: Foundation,
    targets: Sequence[PushTarget],
    opts: pulumi.ResourceOptions,
) -> None:
    """Register all that makes the dataset, and lets it be pushed to ``targets``.

    Raises: ScriptMissing, before anything of it is registered.
    """
    said = f"{stack_file(dataset.stack)}: plinth:dataset.etl.script"
    script = None if unit.script is None else text_of(unit.script, said)
    boundary_arn = lake.apply(lambda outputs: outputs.permissions_boundary_arn)
    scope = EtlScope(
        account_id=account_id,
        region=foundation.organization.home_region,
        key_arn=lake.apply(lambda outputs: outputs.key_arn),
        source_arns=[pulumi.Output.concat("arn:aws:s3:::", _bucket(lake, zone)) for zone in SOURCES],
        sources=unit.sources,
    )
    place = _Place(dataset, unit, lake, read(EtlOutputs, StackIdentity("etl")), scope, boundary_arn, opts)
    crawler = _crawler(place) if unit.crawl else None
    job = None if script is None else _job(place, script, published, databases, targets)
    starting = EtlStartArgs(
        dataset=dataset.name,
        unit=unit,
        account_id=account_id,
        landing_bucket=_bucket(lake, "landing"),
        job_name=None if job is None else job.job_name,
        crawler_name=None if crawler is None else crawler.crawler_name,
        dead_letter_queue_arn=place.etl.apply(lambda outputs: outputs.dead_letter_queue_arn),
        boundary_arn=place.boundary_arn,
    )
    EtlStart("start", starting, opts)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a dataset is made, and of what."""

    dataset: Dataset
    unit: EtlUnit
    lake: Lake
    etl: pulumi.Output[EtlOutputs]
    scope: EtlScope
    boundary_arn: pulumi.Output[str]
    opts: pulumi.ResourceOptions

    @property
    def security_configuration(self) -> pulumi.Output[str]:
        return self.etl.apply(lambda outputs: outputs.security_configuration)


def _crawler(place: _Place) -> LandingCrawler:
    args = LandingCrawlerArgs(
        dataset=place.dataset,
        sources=place.unit.sources,
        scope=place.scope,
        landing_bucket=_bucket(place.lake, "landing"),
        security_configuration=place.security_configuration,
        connection=_connection(place.etl, 0),
        boundary_arn=place.boundary_arn,
    )
    return LandingCrawler("crawler", args, place.opts)


def _job(
    place: _Place,
    script: str,
    published: PublishedDataset,
    databases: Mapping[Part, pulumi.Input[str]],
    targets: Sequence[PushTarget],
) -> EtlJob:
    args = EtlJobArgs(
        dataset=place.dataset,
        unit=place.unit,
        script=script,
        library={module.stem: module.read_text(encoding="utf-8") for module in LIBRARY.glob("*.py")},
        scope=place.scope,
        script_bucket=place.etl.apply(lambda outputs: outputs.script_bucket),
        zone_buckets=[_bucket(place.lake, "raw"), _bucket(place.lake, place.dataset.zone)],
        locations=published.locations,
        source_buckets=[_bucket(place.lake, zone) for zone in SOURCES],
        databases=databases,
        security_configuration=place.security_configuration,
        connections=[_connection(place.etl, 0), _connection(place.etl, 1)],
        boundary_arn=place.boundary_arn,
        targets=targets,
    )
    after = pulumi.ResourceOptions.merge(place.opts, pulumi.ResourceOptions(depends_on=[published]))
    return EtlJob("etl", args, after)


def text_of(path: str, said: str) -> str:
    """The script, which the settings name at ``said``.

    Raises: ScriptMissing.
    """
    try:
        return (REPOSITORY / path).read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptMissing(
            f"{said}: {path} cannot be read ({error.strerror}); add it to the repository, or name another"
        ) from None


def _bucket(lake: Lake, zone: Zone) -> pulumi.Output[str]:
    return lake.apply(lambda outputs: outputs.zone_buckets[zone])


def _connection(etl: pulumi.Output[EtlOutputs], number: int) -> pulumi.Output[str]:
    return etl.apply(lambda outputs: outputs.connections[number])
