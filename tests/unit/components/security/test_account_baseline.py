import pytest

from components.security.account_baseline import AccountBaseline, AccountBaselineArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT


def baseline(**changes):
    return AccountBaseline("baseline", AccountBaselineArgs(account_id=ACCOUNT, **changes))


def test_the_account_itself_refuses_public_buckets():
    block = deploy(baseline).one("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock").inputs
    assert block.pop("accountId") == ACCOUNT
    assert list(block.values()) == [True] * 4


def test_new_volumes_are_encrypted_by_default():
    assert deploy(baseline).one("aws:ebs/encryptionByDefault:EncryptionByDefault").inputs == {"enabled": True}


def test_snapshots_and_images_cannot_be_made_public():
    recorder = deploy(baseline)
    assert (
        recorder.one("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess").inputs["state"]
        == "block-all-sharing"
    )
    assert recorder.one("aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess").inputs["state"] == "block-new-sharing"


def test_instance_metadata_requires_tokens_and_allows_one_hop():
    inputs = deploy(baseline).one("aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults").inputs
    assert inputs == {"httpTokens": "required", "httpPutResponseHopLimit": 1}


def test_passwords_of_iam_users_must_be_long():
    inputs = deploy(baseline).one("aws:iam/accountPasswordPolicy:AccountPasswordPolicy").inputs
    assert inputs["minimumPasswordLength"] >= 14


def test_documents_that_run_commands_cannot_be_made_public():
    inputs = deploy(baseline).one("aws:ssm/serviceSetting:ServiceSetting").inputs
    assert inputs == {"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Disable"}


@pytest.mark.parametrize(("egress", "mode"), [(False, "block-bidirectional"), (True, "block-ingress")])
def test_internet_gateways_are_blocked_except_egress_where_it_is_enabled(egress, mode):
    recorder = deploy(lambda: baseline(internet_egress=egress))
    options = recorder.one("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions").inputs
    assert options == {"internetGatewayBlockMode": mode}


def test_external_access_to_the_account_is_analyzed():
    assert deploy(baseline).one("aws:accessanalyzer/analyzer:Analyzer").inputs["type"] == "ACCOUNT"
