"""The time that a mirror's build may take, which contains the build whose result it waits for."""

import pytest

from components.delivery.repository_mirror import RepositoryMirror, RepositoryMirrorArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY, REGION, TOOLING


def mirror(**changes):
    args = {
        "project_name": "fraud--scoring-build-mirror",
        "label": "fraud/scoring",
        "source_type": "GITHUB",
        "source_url": "https://github.com/acme/fraud-scoring-build.git",
        "connection_arn": f"arn:aws:codeconnections:{REGION}:{TOOLING}:connection/c",
        "mirror_url": f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/fraud--scoring-build",
        "role_arn": f"arn:aws:iam::{TOOLING}:role/plinth/fraud--scoring-mirror",
        "key_arn": KEY,
        "log_retention_days": 365,
    }
    recorder = deploy(lambda: RepositoryMirror("mirror", RepositoryMirrorArgs(**args | changes)))
    return recorder.one("aws:codebuild/project:Project").inputs


# CodeBuild accepts up to 2,160 minutes (CodeBuild User Guide, "Quotas"). A build may wait an hour for a free place.
@pytest.mark.parametrize(("build", "longest"), [(5, 65), (60, 120), (2100, 2160), (2160, 2160)])
def test_a_mirror_outlasts_the_build_that_it_waits_for_as_far_as_codebuild_allows(build, longest):
    assert mirror(timeout_minutes=build)["buildTimeout"] == longest


def test_a_mirror_waits_as_long_for_a_place_as_a_build():
    assert mirror()["queuedTimeout"] == 60
    assert mirror()["buildTimeout"] == 120
