"""Rules about feature groups: features, keys, stores, anonymised features and sharing."""

from __future__ import annotations

from collections.abc import Iterator

from settings.data.feature_group import MAX_FEATURES, FeatureGroup
from settings.rules.data.published import fault, phase_faults, raw_data_faults, repeated_faults, team_faults
from settings.rules.partial_config import PartialConfig, PartialModel
from settings.types.error_codes import Code
from settings.types.errors import Fault


def feature_group_faults(config: PartialConfig) -> Iterator[Fault]:
    for partial in config.feature_groups.values():
        group = partial.model
        if config.organization.has("phase"):
            yield from phase_faults(group, config)
        if group.name in config.datasets:
            rule = "is also the name of a dataset, so lookups by name would be ambiguous"
            yield fault(group, Code.NAME_REPEATED, "", rule, f"rename it, e.g. {group.name}-features", value=group.name)
        if partial.has("features"):
            yield from _feature_faults(group)
        if partial.has("features", "record_identifier", "event_time"):
            yield from _key_faults(group)
        if partial.has("online", "offline", "ttl_hours"):
            yield from _store_faults(group)
        if partial.has("features", "anonymised", "approved"):
            yield from _variant_faults(group)
        if partial.has("shared_with"):
            yield from _reader_faults(partial, config)
        if partial.has("written_by"):
            yield from _writer_faults(group, config)


def _feature_faults(group: FeatureGroup) -> Iterator[Fault]:
    if len(group.features) > MAX_FEATURES:
        rule = f"has {len(group.features)} features; a feature group has at most {MAX_FEATURES:,}"
        yield fault(group, Code.FEATURES, "features", rule, "create a second group with the same record identifier")
    yield from repeated_faults(group, "features", (feature.name for feature in group.features))


def _key_faults(group: FeatureGroup) -> Iterator[Fault]:
    types = {feature.name: feature.type for feature in group.features}
    for field in ("record_identifier", "event_time"):
        if (name := getattr(group, field)) not in types:
            rule = "is not one of the features"
            yield fault(group, Code.FEATURES, field, rule, "use a name from features, or add it there", value=name)
    if types.get(group.event_time) == "integral":
        rule = "is integral; an event time is a string or fractional"
        yield fault(group, Code.FEATURES, "event_time", rule, "make it a string in ISO 8601", value=group.event_time)
    if group.event_time == group.record_identifier:
        rule = "is also the record identifier"
        yield fault(group, Code.FEATURES, "event_time", rule, "use the feature with the time", value=group.event_time)


def _store_faults(group: FeatureGroup) -> Iterator[Fault]:
    if not group.online and not group.offline:
        rule = "disables the offline store, and the online store is disabled too"
        yield fault(group, Code.FEATURES, "offline", rule, "enable one of the two", value="false")
    if group.ttl_hours is not None and not group.online:
        rule = "is given without an online store, but records expire only there"
        yield fault(group, Code.FEATURES, "ttl_hours", rule, "remove it", value=str(group.ttl_hours))


def _variant_faults(group: FeatureGroup) -> Iterator[Fault]:
    personal = {feature.name for feature in group.features if feature.personal}
    if group.approved and personal:
        rule = f"releases personal features ({', '.join(sorted(personal))})"
        yield fault(group, Code.RAW_DATA, "approved", rule, "list anonymised features instead", value="true")
    known = {feature.name for feature in group.features}
    for name in group.anonymised:
        if name not in known:
            rule = "is not one of the features"
            yield fault(group, Code.FEATURES, "anonymised", rule, "use a name from features", value=name)
        elif name in personal:
            yield fault(group, Code.RAW_DATA, "anonymised", "is a personal feature", "remove it", value=name)


def _reader_faults(partial: PartialModel[FeatureGroup], config: PartialConfig) -> Iterator[Fault]:
    group = partial.model
    yield from team_faults(group, "shared_with", group.shared_with, config)
    yield from raw_data_faults(partial, "raw features", "list anonymised features")


def _writer_faults(group: FeatureGroup, config: PartialConfig) -> Iterator[Fault]:
    yield from team_faults(group, "written_by", group.written_by, config)
    for team, environments in group.written_by.items():
        if "experimentation" in environments:
            rule = "would write features that others use; experimentation only reads"
            yield fault(group, Code.RAW_DATA, f"written_by.{team}", rule, "remove it", value="experimentation")
