"""Computes which environments read and write a feature group.

The offline store is shared like a dataset, by LF-tags on the table and its columns. The online store returns whole
records and is shared with accounts by AWS RAM.
"""

from __future__ import annotations

from settings.data.feature_group import FeatureGroup
from settings.derived.sharing import CLASS, EXPOSURE, ZONE, team_tag_key, team_tag_value
from settings.types.data_grammar import OFFLINE_STORE_COLUMNS
from settings.types.kinds import ENVIRONMENTS, Environment


def readers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """Returns the environments of a team that read the offline store."""
    given = group.shared_with.get(team, ())
    return tuple(environment for environment in ENVIRONMENTS if group.offline and environment in given)


def online_readers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """Returns the environments of a team that read the online store.

    Online records are always read whole, so experimentation reads only approved feature groups.
    """
    given = group.shared_with.get(team, ())
    return tuple(
        environment
        for environment in ENVIRONMENTS
        if group.online and environment in given and (group.approved or environment != "experimentation")
    )


def writers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """Returns the environments of a team whose jobs write records."""
    given = group.written_by.get(team, ())
    return tuple(environment for environment in ENVIRONMENTS if environment in given)


def group_tags(group: FeatureGroup) -> dict[str, str]:
    """Returns the LF-tags of the offline store's table, which its columns inherit."""
    teams = {team_tag_key(team): team_tag_value(readers_of(group, team)) for team in sorted(group.shared_with)}
    tags = {CLASS: group.classification, EXPOSURE: group.exposure, ZONE: "curated"}
    return {**tags, **{tag: value for tag, value in teams.items() if value}}


def columns_for_experiments(group: FeatureGroup) -> tuple[str, ...]:
    """Returns the columns of the offline store with their own exposure tag, which experimentation may read.

    They include the columns that Feature Store adds, which show whether a record was deleted.
    """
    return tuple(sorted((*group.anonymised, *OFFLINE_STORE_COLUMNS))) if group.anonymised and not group.approved else ()


def features_read(group: FeatureGroup, environment: Environment) -> tuple[str, ...]:
    """Returns the features that an environment may read of a feature group shared with it."""
    every = tuple(feature.name for feature in group.features)
    if environment != "experimentation" or group.approved:
        return every
    return tuple(name for name in every if name in group.anonymised)
