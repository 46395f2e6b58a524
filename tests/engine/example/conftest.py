"""The example organization, brought up once by the real engine on a sandbox of the test run's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.use_cases.creation import add_images, create_use_case
from tests.support.workbench import Workbench

SETTLED = "churn-experimentation"
"""Environment whose Studio enables the settings that the example leaves at their defaults."""
SERVING = "fraud-development"
"""Environment that serves a dataset by a data API, which the example does not enable."""
WITH_SPARK = "churn-development"
SPARK = {"max_vcpus": 16, "idle_timeout_minutes": 5}
"""Which environment has Spark, and what of it is not at its default."""
DECLARED = Path(__file__).parent / "declared"
"""Files of stacks that the example has in these tests alone."""
GITHUB = {"repository": "acme/foundation", "ids": {"owner": 123456, "repository": 456789}}
"""Repository whose workflows may review. The example names none."""
IMAGE = {"repository": "studio/torch", "digest": f"sha256:{'0123456789abcdef' * 4}"}


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Every stack of the example, up. Tests that use it read, or put back what they changed."""
    workbench = Workbench.of_example(tmp_path_factory.mktemp("acme"))
    canvas = {"personas": ["data-scientist", "lead-data-scientist"]}
    studio = {"canvas": canvas, "docker": True, "homes_at_deletion": "keep", "images": {"torch": IMAGE}}
    workbench.change_environment(SETTLED, studio={**workbench.settings_of(SETTLED)["studio"], **studio})
    workbench.change_environment(SERVING, data_api={"datasets": ["card-payments"]})
    workbench.change_environment(WITH_SPARK, emr=SPARK)
    workbench.change_organization(reviews={"github": GITHUB})
    workbench.change_dataset("card-payments", pushed_to={"fraud": ["preproduction", "production"]})
    shutil.copytree(DECLARED, workbench.project / "environments", dirs_exist_ok=True)
    workbench.checkpoints = False
    workbench.sandbox("up")
    try:
        workbench.plinth("up", "--all", "--yes")
        yield workbench
    finally:
        workbench.sandbox("down")


@pytest.fixture(scope="session")
def built(acme: Workbench) -> Workbench:
    """The example with a model, as `make up` leaves it."""
    add_images(acme)
    create_use_case(acme)
    return acme
