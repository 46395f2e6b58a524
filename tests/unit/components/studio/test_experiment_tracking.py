import pytest

from components.studio.experiment_tracking import ExperimentTracking, ExperimentTrackingArgs
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY

WORK = "arn:aws:s3:::work"


def tracking():
    return ExperimentTracking(
        "tracking",
        ExperimentTrackingArgs(
            app_name="fraud-experimentation",
            account_id=ACCOUNT,
            bucket_name="work",
            bucket_arn=WORK,
            key_arn=KEY,
            domain_id="d-1",
            role_name="fraud-experimentation-tracking",
            boundary_arn=BOUNDARY,
        ),
    )


@pytest.mark.requirement("EXP-11.a")
@pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
def test_artifacts_are_in_the_bucket_of_the_environment_and_no_model_is_registered(preview):
    recorder = deploy(tracking, preview=preview)
    app = recorder.one("aws:sagemaker/mlflowApp:MlflowApp").inputs
    assert app["artifactStoreUri"] == "s3://work/tracking"
    assert app["modelRegistrationMode"] == "AutoModelRegistrationDisabled"
    assert (app["accountDefaultStatus"], app["defaultDomainIdLists"]) == ("DISABLED", ["d-1"])
    role = recorder.one("aws:iam/role:Role").inputs
    assert role["permissionsBoundary"] == BOUNDARY
    assert ACCOUNT in role["assumeRolePolicy"]


def test_the_apps_role_reaches_the_folder_of_artifacts_and_nothing_else():
    document = statements(deploy(tracking).one("aws:iam/rolePolicy:RolePolicy"))
    assert {sid: statement["Resource"] for sid, statement in document.items()} == {
        "FindArtifacts": WORK, "KeepArtifacts": f"{WORK}/tracking/*", "EncryptArtifacts": KEY
    }  # fmt: skip
    assert "s3:DeleteObject" not in {
        action for statement in document.values() for action in as_list(statement["Action"])
    }
