import pytest

from components.studio.studio_domain import StudioDomain, StudioDomainArgs
from tests.support.recorder import deploy
from tests.unit.components.places import KEY

DOMAIN = "aws:sagemaker/domain:Domain"
PROFILE = "aws:sagemaker/userProfile:UserProfile"


def studio(**changes):
    args = {
        "domain_name": "fraud-experimentation",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-1",
        "key_arn": KEY,
        "execution_role_arn": "arn:aws:iam::222222222222:role/plinth/studio",
        "sign_in": "identity-center",
        "users": ("ada", "grace"),
    }
    return StudioDomain("studio", StudioDomainArgs(**args | changes))


@pytest.mark.requirement("EXP-01", "NET-03")
def test_the_domain_is_in_the_private_subnets_and_reaches_nothing_else():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["appNetworkAccessType"] == "VpcOnly"
    assert domain["subnetIds"] == ["subnet-1", "subnet-2"]
    assert domain["defaultUserSettings"]["securityGroups"] == ["sg-1"]


def test_homes_and_volumes_are_encrypted_with_the_customers_key():
    assert deploy(studio).one(DOMAIN).inputs["kmsKeyId"] == KEY


def test_what_lets_data_out_is_off():
    domain = deploy(studio).one(DOMAIN).inputs
    assert domain["domainSettings"]["dockerSettings"] == {"enableDockerAccess": "DISABLED"}
    assert domain["defaultUserSettings"]["sharingSettings"] == {"notebookOutputOption": "Disabled"}
    assert domain["defaultUserSettings"]["canvasAppSettings"] == {"directDeploySettings": {"status": "DISABLED"}}


def test_an_idle_app_stops_and_nobody_can_put_it_off():
    user = deploy(lambda: studio(idle_timeout_minutes=90)).one(DOMAIN).inputs["defaultUserSettings"]
    for app in ("jupyterLabAppSettings", "codeEditorAppSettings"):
        assert user[app]["appLifecycleManagement"]["idleSettings"] == {
            "lifecycleManagement": "ENABLED",
            "idleTimeoutInMinutes": 90,
            "maxIdleTimeoutInMinutes": 90,
        }


def test_the_trail_names_the_person():
    assert deploy(studio).one(DOMAIN).inputs["domainSettings"]["executionRoleIdentityConfig"] == "USER_PROFILE_NAME"


def test_with_identity_center_a_profile_belongs_to_the_user_of_that_name():
    recorder = deploy(studio)
    assert recorder.one(DOMAIN).inputs["authMode"] == "SSO"
    assert {p.inputs["singleSignOnUserValue"] for p in recorder.all(PROFILE)} == {"ada", "grace"}
    assert {p.inputs["singleSignOnUserIdentifier"] for p in recorder.all(PROFILE)} == {"UserName"}


def test_with_iam_a_profile_names_no_identity_center_user():
    recorder = deploy(lambda: studio(sign_in="iam"))
    assert recorder.one(DOMAIN).inputs["authMode"] == "IAM"
    assert not [p for p in recorder.all(PROFILE) if "singleSignOnUserValue" in p.inputs]


@pytest.mark.parametrize("minutes", [59, 525_601])
def test_an_idle_timeout_that_sagemaker_does_not_take_is_refused(minutes):
    with pytest.raises(ValueError, match="60 to 525,600"):
        studio(idle_timeout_minutes=minutes)
