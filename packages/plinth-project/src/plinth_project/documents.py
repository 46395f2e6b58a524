"""Typed JSON files of the repository, types of names and ids in them, and the error with which commands end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Region = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
Bucket = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
KeyArn = Annotated[str, Field(pattern=r"^arn:aws[\w-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[\w-]+$")]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]+$")]
OrganizationId = Annotated[str, Field(pattern=r"^o-[a-z0-9]{10,32}$")]
EndpointId = Annotated[str, Field(pattern=r"^vpce-\w+$")]
# Limits: SageMaker API, VpcConfig (read 2026-11-22).
Subnets = Annotated[list[Annotated[str, Field(pattern=r"^subnet-\w+$")]], Field(min_length=1, max_length=16)]
SecurityGroups = Annotated[list[Annotated[str, Field(pattern=r"^sg-\w+$")]], Field(min_length=1, max_length=5)]


class ProjectError(Exception):
    """One or more faults of the repository, its settings or its run. Each names its place and its remedy."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Document(BaseModel):
    """A part of a JSON file. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=Document)


def read_document(kind: type[Model], file: Path, root: Path, context: Mapping[str, Any] | None = None) -> Model:
    """Reads a file. Raises ProjectError with every fault: file, field, problem, and what was given.

    ``context`` has what validators need of other files.
    """
    place = file.relative_to(root).as_posix()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProjectError(f"{place}: missing; restore it with `copier update`") from None
    try:
        return kind.model_validate_json(text, context=context)
    except ValidationError as error:
        raise ProjectError(
            *(
                f"{place}: {'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}; got {fault['input']!r:.80}"
                for fault in error.errors()
            )
        ) from None
