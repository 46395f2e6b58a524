"""Checks what a command says about a new use case before anything is created, and finds what its template needs. Both
generate a project that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from selfservice.errors import BadInputError
from selfservice.use_cases.answers import DATA_SOURCE, INFERENCE, IS_A_SETTING, SET_IT, TAGS
from selfservice.use_cases.repository import ANSWERS_FILE, generate
from settings.types.kinds import RELEASED_TO

_ACCOUNT = "0" * 12
_KEY = f"arn:aws:kms:eu-west-1:{_ACCOUNT}:key/1"
PLACEHOLDERS: Mapping[str, Any] = {
    "repository": "build",
    "data_source": DATA_SOURCE,
    "region": "eu-west-1",
    "development_account_id": _ACCOUNT,
    "development_bucket": "bucket",
    "development_key_arn": _KEY,
    "subnets": ["subnet-1"],
    "security_groups": ["sg-1"],
    "workgroup": "workgroup",
    "registry_account_id": _ACCOUNT,
    "registry_bucket": "bucket",
    "registry_key_arn": _KEY,
    "minimum_gates": {},
    "tags": dict.fromkeys(TAGS, "-"),
}
"""Answers in the place of those that depend on deployed stacks."""
IMAGE = "image"
"""Question about the image of all jobs."""
DOCKERFILES = "algorithms/*/*/dockerfile"
"""Dockerfiles of a project. Builds push an image for each, named after the folder of the step."""


def refuse_unreturned(directory: Path, team: str, dataset: str | None) -> None:
    """Raises BadInputError unless the environments to which the team's models are released return results to the
    dataset."""
    if dataset is None:
        return
    from settings.files.validation_cache import load_cached

    datasets = load_cached(directory).datasets
    returned_by = datasets[dataset].returned_by.get(team, ()) if dataset in datasets else ()
    if missing := [environment for environment in RELEASED_TO if environment not in returned_by]:
        raise BadInputError(
            f"the dataset {dataset} takes no results of {team} from {' and '.join(missing)}; set returned_by in its "
            f"settings to {{{team}: [{', '.join(RELEASED_TO)}]}}"
        )


def refuse_wrong_answers(source: str, version: str | None, stack: str, answers: Mapping[str, str]) -> None:
    """Raises BadInputError if the template does not accept an answer, or does not ask for it, or if the settings answer
    the question."""
    if not answers:
        return
    if INFERENCE in answers:
        raise BadInputError(f"answers.{INFERENCE}: {IS_A_SETTING}; {SET_IT}")
    import yaml

    with _project(source, version, stack, answers) as project:
        recorded = yaml.safe_load((project / ANSWERS_FILE).read_text(encoding="utf-8"))
    if unasked := sorted(answers.keys() - recorded.keys()):
        raise BadInputError(f"the template does not ask for {', '.join(unasked)}; leave it out")


def built_images(source: str, version: str | None, stack: str, answers: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the names of the images that builds of a new project push: one for each step with a dockerfile. None if
    an answer names the image of all jobs, because then nothing is built.

    Each needs an image repository, which the settings of the use case declare. Raises: BadInputError.
    """
    if answers.get(IMAGE):
        return ()
    with _project(source, version, stack, answers) as project:
        steps = sorted(file.parent.name for file in project.glob(DOCKERFILES))
    return tuple(step.replace("_", "-") for step in steps)


@contextmanager
def _project(source: str, version: str | None, stack: str, answers: Mapping[str, str]) -> Iterator[Path]:
    """Yields the folder of a generated project."""
    team, _, use_case = stack.partition("--")
    with TemporaryDirectory(prefix="plinth-answers-") as folder:
        project = Path(folder) / "project"
        generate(project, source, version, {**PLACEHOLDERS, "team": team, "use_case": use_case, **answers})
        yield project
