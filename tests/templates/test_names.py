"""Names and keys of a generated project are those of the foundation."""

import importlib
from datetime import UTC, datetime

import pytest

from components.identity.use_cases.use_case import UseCase
from components.identity.workloads.bounded_role import ROLE_PATH
from settings.data.artifact_layout import MANIFEST_TAG, MODELS, OPEN_BRANCHES, REMOVED_BRANCHES
from settings.data.ml_layout import FEATURE, Build, parse_key
from settings.derived.use_case_names import GROUP_BRANCHES, UseCaseNames
from settings.types.build_id import branch_folder, build_id_of
from tests.templates.projects import DEVELOPMENT

BRANCHES = ("main", "refs/heads/master", "develop", "feature/Drift_Check", "fix/ä", "Ünicode", "x" * 100)
COMMIT = "1a2b3c4d5e" * 4


@pytest.fixture(scope="module")
def names(library):
    return importlib.import_module("plinth_project.names")


@pytest.fixture(scope="module")
def foundation(library, project):
    return importlib.import_module("plinth_project.build.foundation").read_foundation(project)


@pytest.mark.requirement("BR-03", "S3-05")
@pytest.mark.parametrize("branch", BRANCHES)
def test_the_folder_of_a_branch_is_that_of_the_ml_bucket(names, branch):
    assert names.branch_folder(branch) == branch_folder(branch)


@pytest.mark.requirement("S3-03", "S3-04")
@pytest.mark.parametrize("branch", BRANCHES)
def test_the_keys_of_a_build_are_those_of_the_ml_bucket(names, foundation, branch):
    at = datetime(2022, 6, 21, 10, 15, tzinfo=UTC)
    build = Build(use_case="scoring", build_id=build_id_of(at, COMMIT[:7]), branch=branch_folder(branch))
    own = foundation.names(branch)
    assert f"{own.builds}{names.build_id(at, COMMIT)}/" == build.prefix
    for part in ("code/algorithms/x.py", "input/data.csv", f"{names.OUTPUTS}/get-data/data.csv"):
        assert parse_key(f"{build.prefix}{part}").folder.build == build


@pytest.mark.parametrize("role", ["operator", "pipeline"])
def test_the_roles_are_those_of_the_use_case(foundation, role):
    name = UseCase(team="fraud", name="scoring", region="eu-west-1").role_name(role, "development")
    assert foundation.role_arn(role) == f"arn:aws:iam::{DEVELOPMENT}:role{ROLE_PATH}{name}"


@pytest.mark.requirement("BR-03", "BR-04")
@pytest.mark.parametrize("branch", BRANCHES)
def test_the_roles_may_use_every_name(foundation, branch):
    own = foundation.names(branch)
    prefix = UseCaseNames(team="fraud", use_case="scoring").prefix
    assert own.prefix == prefix
    for name in (own.pipeline("training"), own.group, own.jobs):
        assert name.startswith(f"{prefix}-")
        assert len(name) <= 63 or name.startswith(own.pipeline("training"))
    assert own.models.startswith(f"fraud/scoring/{MODELS}/")
    assert own.open_branches == f"fraud/scoring/{OPEN_BRANCHES}/"
    assert own.removed_branches == f"fraud/scoring/{REMOVED_BRANCHES}/"


@pytest.mark.requirement("AMB-07.a")
def test_manifests_have_the_tag_by_which_the_foundation_expires_them(library):
    removal = importlib.import_module("plinth_project.build.branches.removal")
    assert tuple(removal.MANIFEST_TAGS.items()) == (MANIFEST_TAG,)


@pytest.mark.parametrize("branch", [*GROUP_BRANCHES, "feature/drift"])
def test_groups_and_images_are_those_of_the_stack_of_the_use_case(foundation, branch):
    expected = UseCaseNames(team="fraud", use_case="scoring")
    assert foundation.names(branch).group == expected.model_group(branch_folder(branch) or "main")
    assert foundation.image("train", "1a2b3c4").partition("/")[2] == f"{expected.image_repository('train')}:1a2b3c4"


@pytest.mark.parametrize("branch", BRANCHES)
def test_images_have_the_commit_in_their_tag_and_those_of_feature_branches_expire(foundation, branch):
    tag = foundation.names(branch).image_tag(COMMIT)
    assert tag.endswith(COMMIT)
    assert tag.startswith(FEATURE) == branch_folder(branch).startswith(FEATURE)
    # OCI Distribution Specification 1.1, "Pulling manifests": a tag has at most 128 characters.
    assert len(tag) <= 128


@pytest.mark.requirement("BR-03", "BR-04")
def test_branches_share_no_name(foundation):
    distinct = [branch for branch in BRANCHES if branch != "refs/heads/master"]
    own = [foundation.names(branch) for branch in distinct]
    for found in (
        [own_names.group for own_names in own],
        [own_names.jobs for own_names in own],
        [own_names.pipeline("training") for own_names in own],
    ):
        assert len(set(found)) == len(distinct)
