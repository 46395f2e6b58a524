import json

import pulumi
import pulumi_aws as aws

from components.audit.configuration_recorder import ConfigurationRecorder, ConfigurationRecorderArgs
from stacks.shared.adoption import adopt
from tests.support.recorder import Recorder, deploy

RECORDER = "aws:cfg/recorder:Recorder"
CHANNEL = "aws:cfg/deliveryChannel:DeliveryChannel"
FOUND = {f"urn:pulumi:audit::plinth::plinth:audit:ConfigurationRecorder${RECORDER}::recorder": "default"}


def recorders(found: str | None) -> Recorder:
    def program() -> None:
        adopt(found)
        ConfigurationRecorder("recorder", ConfigurationRecorderArgs(bucket_name="history"))
        aws.cfg.Recorder("other", role_arn="arn:aws:iam::111111111111:role/config", opts=pulumi.ResourceOptions())

    return deploy(program)


def test_the_program_imports_what_the_command_line_found_and_nothing_else():
    imported = {(r.type, r.name): r.import_id for r in recorders(json.dumps(FOUND)) if r.import_id}
    assert imported == {(RECORDER, "recorder"): "default"}


def test_a_program_that_is_told_nothing_imports_nothing():
    assert [r.name for r in recorders(None) if r.import_id] == []


def test_adopted_recorders_and_channels_keep_their_names():
    recorder = recorders(json.dumps(FOUND))
    kept = {r.type: r.ignore_changes for r in recorder if r.ignore_changes}
    assert kept == {RECORDER: ("name",), CHANNEL: ("name",)}
