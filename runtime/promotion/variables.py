"""The environment variables of a promotion build."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.promotion.errors import PromotionError
from settings.types.kinds import RELEASED_TO, ReleasedTo


@dataclass(frozen=True, kw_only=True)
class Variables:
    """Variables of the project and the action of the pipeline. The components of the promotion pipeline write them."""

    team: str
    use_case: str
    bucket: str
    """Bucket of registered models, which also keeps the records of promotions."""
    key_arn: str
    """KMS key of the bucket."""
    model_group: str
    """ARN of the model package group of ``main``."""
    pipeline: str
    """Name of the promotion pipeline."""
    approvers: Mapping[str, Sequence[str]]
    """User names that may approve, by stage."""
    release_roles: Mapping[str, str]
    """ARN of the role that releases, by environment."""
    foundation: Mapping[str, str]
    """Settings of the organization and of the team as JSON text, by which the policies judge a release."""
    execution: str
    """Id of the execution of the pipeline."""
    values: Mapping[str, str] = field(default_factory=dict)
    """All environment variables."""

    def required(self, name: str) -> str:
        """Returns a variable of the action. Raises PromotionError."""
        if not (found := self.values.get(name)):
            raise PromotionError(f"{name}: not set by the action of the pipeline")
        return found

    @property
    def environment(self) -> ReleasedTo:
        """The environment of the action. Raises PromotionError."""
        found = self.required("ENVIRONMENT")
        for environment in RELEASED_TO:
            if environment == found:
                return environment
        raise PromotionError(f"ENVIRONMENT: {found} is none of {', '.join(RELEASED_TO)}")

    @property
    def folder(self) -> str:
        return f"{self.team}/{self.use_case}"

    @property
    def prefix(self) -> str:
        return f"{self.team}--{self.use_case}"

    @property
    def region(self) -> str:
        return self.model_group.split(":")[3]

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Variables:
        """Raises PromotionError for a variable that is missing."""
        missing = [name for name in _NAMES.values() if not values.get(name)]
        if missing:
            raise PromotionError(f"{', '.join(missing)}: not set; only the promotion pipeline starts this program")
        found: dict[str, Any] = {member: values[name] for member, name in _NAMES.items()}
        found |= {member: json.loads(found[member]) for member in ("approvers", "release_roles", "foundation")}
        return cls(**found, values=values)


_NAMES = {
    "team": "TEAM",
    "use_case": "USE_CASE",
    "bucket": "ARTIFACT_BUCKET",
    "key_arn": "ARTIFACT_KEY_ARN",
    "model_group": "MODEL_GROUP",
    "pipeline": "PIPELINE",
    "approvers": "APPROVERS",
    "release_roles": "RELEASE_ROLES",
    "foundation": "FOUNDATION",
    "execution": "EXECUTION_ID",
}
