"""The plan of an execution: the very version, image, archive and commit that every later stage deploys (PROM-09)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from runtime.promotion.decisions.people import Person
from runtime.promotion.errors import PromotionError
from runtime.promotion.records import Records, plan_of


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Plan of an execution: the version and code that it promotes. It is written once, before the first approval."""

    execution: str
    model_package: str
    """ARN of the version."""
    version: int
    contents: Sequence[Mapping[str, str]]
    """Image and archive of each container."""
    commit: str
    """Commit of the deployment repository."""
    decided_at: str
    """When the version was approved in the registry."""
    metrics: Mapping[str, float]
    trained_at: str = ""
    """Commit of the build repository; empty if the version does not say."""
    deployed: Mapping[str, Any] | None = None
    """Version, commit and metrics of production when the plan was made."""
    baseline: Mapping[str, str] = field(default_factory=dict)
    scans: Sequence[Mapping[str, Any]] = ()
    """Results of the scans of each image, and the findings that were waived, with the people who waived them."""
    involved: Sequence[Person] = ()
    """People who may not approve: the authors, and who asked for the promotion."""

    def as_record(self) -> dict[str, Any]:
        return asdict(self) | {"involved": [person.as_record() for person in self.involved]}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Plan:
        return cls(**{**record, "involved": tuple(Person.of_record(person) for person in record["involved"])})

    @property
    def image(self) -> str:
        """Image of the first container, by its digest if the registry has one (PROM-09)."""
        content = self.contents[0]
        name, digest = content["image"], content["image_digest"]
        if not digest:
            return name
        repository, _, tagged = name.partition("@")[0].rpartition("/")
        return f"{repository}/{tagged.partition(':')[0]}@{digest}"

    @property
    def reference(self) -> str:
        """Execution and digest of the plan, by which later actions name it. CodePipeline keeps it, so that a change of
        the record in the bucket is noticed."""
        return f"{self.execution}@{_digest(self.as_record())}"

    @classmethod
    def read(cls, reference: str, records: Records) -> Plan:
        """Returns the plan that an action names. In a rollback, it is the plan of an earlier execution.

        Raises: PromotionError if there is none, or if it was changed.
        """
        execution, _, digest = reference.partition("@")
        found = records.read(plan_of(execution))
        if found is None:
            raise PromotionError(f"execution {execution} has no plan")
        if _digest(found) != digest:
            raise PromotionError(f"the plan of execution {execution} has changed since it was reviewed")
        return cls.of_record(found)

    @property
    def served(self) -> dict[str, Any]:
        """Version that an environment serves after its deployment, as a record of its robust state (RB-02)."""
        return {
            "execution": self.execution,
            "model_package": self.model_package,
            "version": self.version,
            "commit": self.commit,
            "trained_at": self.trained_at,
            "metrics": dict(self.metrics),
            "decided_at": self.decided_at,
        }


def _digest(record: Mapping[str, Any]) -> str:
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
