"""Who reads and who fills which group of features, and why: pure functions of the settings.

Offline it is as with datasets: tags on the table and its columns, found by the grants of a team. Online there are whole
records, which an account is let to by a share.
"""

from __future__ import annotations

from settings.data.feature_group import FeatureGroup
from settings.derived.sharing import CLASS, EXPOSURE, ZONE, audience, team_tag
from settings.types.data_grammar import OFFLINE_STORE_COLUMNS
from settings.types.kinds import ENVIRONMENTS, Environment


def readers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """The environments of a team that read the offline store."""
    given = group.shared_with.get(team, ())
    return tuple(environment for environment in ENVIRONMENTS if group.offline and environment in given)


def online_readers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """Those that read the online store, whose records are read whole: experiments only of what is approved."""
    given = group.shared_with.get(team, ())
    return tuple(
        environment
        for environment in ENVIRONMENTS
        if group.online and environment in given and (group.approved or environment != "experimentation")
    )


def writers_of(group: FeatureGroup, team: str) -> tuple[Environment, ...]:
    """The environments of a team whose jobs put records into it."""
    given = group.written_by.get(team, ())
    return tuple(environment for environment in ENVIRONMENTS if environment in given)


def group_tags(group: FeatureGroup) -> dict[str, str]:
    """What the table of the offline store is tagged with, and by that all its columns."""
    teams = {team_tag(team): audience(readers_of(group, team)) for team in sorted(group.shared_with)}
    tags = {CLASS: group.classification, EXPOSURE: group.exposure, ZONE: "curated"}
    return {**tags, **{tag: value for tag, value in teams.items() if value}}


def columns_for_experiments(group: FeatureGroup) -> tuple[str, ...]:
    """Columns that are tagged apart from the table. Without what the store adds nobody could tell what was deleted."""
    return tuple(sorted((*group.anonymised, *OFFLINE_STORE_COLUMNS))) if group.anonymised and not group.approved else ()


def features_read(group: FeatureGroup, environment: Environment) -> tuple[str, ...]:
    """The features that an environment reads of a group that it is given."""
    every = tuple(feature.name for feature in group.features)
    if environment != "experimentation" or group.approved:
        return every
    return tuple(name for name in every if name in group.anonymised)
