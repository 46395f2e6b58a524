"""Rules about tags, checked together because a resource has the tags of organization, team and environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.derived.tags import TAGS_OF_THE_FOUNDATION, TAGS_PER_RESOURCE
from settings.rules.partial_config import PROJECT_FILE, PartialConfig, stack_file
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import shown

_MAX_TAGS = TAGS_PER_RESOURCE - TAGS_OF_THE_FOUNDATION


def tag_faults(config: PartialConfig) -> Iterator[Fault]:
    shared = config.organization.model.tags if config.organization.has("tags") else {}
    yield from _faults({}, shared, PROJECT_FILE, "plinth:organization.tags")
    of_teams: dict[str, dict[str, str]] = {}
    for name, team in config.teams.items():
        tags = team.model.tags if team.has("tags") else {}
        of_teams[name] = {**shared, **tags}
        yield from _faults(shared, tags, stack_file(name), "plinth:team.tags")
    for stack, environment in config.environments.items():
        if environment.has("tags") and environment.model.tags:
            wider = of_teams.get(environment.model.team, {})
            yield from _faults(wider, environment.model.tags, stack_file(stack), "plinth:environment.tags")


def _faults(wider: Mapping[str, str], tags: Mapping[str, str], file: str, path: str) -> Iterator[Fault]:
    """Yields the faults of ``tags`` on resources that also have the tags in ``wider``."""
    spelled = {key.casefold(): key for key in wider}
    for key in tags:
        other = spelled.setdefault(key.casefold(), key)
        if other != key:
            rule = f"differs only in case from {shown(other)}, and IAM ignores the case of tag keys"
            yield Fault(
                code=Code.TAG_TWIN,
                file=file,
                path=f"{path}.{shown(key)}",
                value=shown(key),
                rule=rule,
                fix=f"write {shown(other)}",
            )
    count = len({*wider, *tags})
    if tags and count > _MAX_TAGS:
        rule = f"makes {count} tags together with those of wider settings; at most {_MAX_TAGS} are allowed"
        rule += f" (AWS allows {TAGS_PER_RESOURCE}, the foundation reserves {TAGS_OF_THE_FOUNDATION})"
        yield Fault(code=Code.TAG_COUNT, file=file, path=path, rule=rule, fix="remove some")
