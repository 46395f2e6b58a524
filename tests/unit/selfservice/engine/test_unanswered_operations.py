"""Which operations remain unanswered after the events of an engine. The messages are those of the real engine."""

import stat

import pytest

from selfservice.engine.unanswered_operations import UnansweredOperations
from tests.unit.selfservice.runner.test_events import BUCKET, event

PROVIDER = "urn:pulumi:fraud::plinth::pulumi:providers:aws::fraud::42"
EOF = "<{%reset%}>error reading from server: EOF<{%reset%}>\n"
REFUSAL = (
    "aws:organizations/account:Account: organizations CreateAccount: EMAIL_ALREADY_EXISTS: the provider said: "
    "error reading from server: EOF"
)


def step(kind, op, urn=BUCKET, inputs=None, type_="aws:s3/bucket:Bucket", custom=True):
    state = {"urn": urn, "type": type_, "custom": custom, "inputs": inputs or {}, "parent": "", "provider": PROVIDER}
    sides = {"old": state} if op.startswith("delete") else {"new": state}
    return event(kind, {"metadata": {"op": op, "urn": urn, "type": type_, "provider": PROVIDER, **sides}})


def begins(op, **given):
    return step("resourcePreEvent", op, **given)


def ends(op, **given):
    return step("resOutputsEvent", op, **given)


def fails(op, message, urn=BUCKET):
    said = {"urn": urn, "severity": "error", "message": message, "color": "never"}
    return event("diagnosticEvent", said), step("resOpFailedEvent", op, urn=urn)


@pytest.fixture
def lock_path(tmp_path):
    return tmp_path / "locks" / "fraud"


@pytest.fixture
def unanswered(lock_path):
    return UnansweredOperations(lock_path)


def read(unanswered, *events):
    for engine_event in events:
        unanswered(engine_event)
    return [(operation["type"], operation["resource"]["urn"]) for operation in unanswered.read()]


@pytest.mark.parametrize(
    "message",
    [
        EOF,
        "error reading from server: read tcp 127.0.0.1:41234->127.0.0.1:45225: read: connection reset by peer",
        'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
        "transport is closing",
        'closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: x',
        "the connection is draining",
        "keepalive ping failed to receive ACK within timeout",
        "no active streams left to process while draining",
    ],
)
def test_a_creation_whose_plugin_gave_no_answer_stays_unanswered(unanswered, message):
    assert read(unanswered, begins("create"), *fails("create", message)) == [("creating", BUCKET)]
    assert unanswered.failed


@pytest.mark.parametrize("message", [REFUSAL, "error: the bucket exists", ""])
def test_a_creation_that_aws_refused_is_answered(unanswered, message):
    assert read(unanswered, begins("create"), *fails("create", message)) == []
    assert not unanswered.failed


def test_what_one_plugin_said_of_a_resource_says_nothing_about_others(unanswered):
    other = f"{BUCKET}-of-others"
    events = [begins("create"), begins("create", urn=other), *fails("create", EOF), *fails("create", REFUSAL, other)]
    assert read(unanswered, *events) == [("creating", BUCKET)]


@pytest.mark.parametrize(
    ("op", "type_"),
    [
        ("create", "creating"),
        ("create-replacement", "creating"),
        ("update", "updating"),
        ("delete", "deleting"),
        ("delete-replaced", "deleting"),
    ],
)
def test_an_operation_that_began_stays_unanswered_until_it_ends_even_if_its_worker_is_killed(
    unanswered, lock_path, op, type_
):
    assert read(unanswered, begins(op)) == [(type_, BUCKET)]
    assert read(UnansweredOperations(lock_path)) == [(type_, BUCKET)]
    assert read(unanswered, ends(op)) == []


@pytest.mark.parametrize("op", ["same", "read", "replace", "refresh", "import"])
def test_steps_that_change_nothing_are_not_recorded(unanswered, op):
    assert read(unanswered, begins(op), *fails(op, EOF)) == []
    assert not unanswered.failed


def test_components_and_providers_are_not_recorded(unanswered):
    component = begins("create", type_="plinth:storage:MlBucket", custom=False)
    assert read(unanswered, component, begins("create", type_="pulumi:providers:aws")) == []


def test_a_creation_is_recorded_with_all_that_a_lookup_needs_and_without_hidden_values(unanswered):
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
    inputs = {"bucket": "acme-b", "password": secret, "rules": [{"key": secret}]}
    unanswered(begins("create", inputs=inputs))
    unanswered(begins("create-replacement", urn=f"{BUCKET}-2"))
    plain, replacement = unanswered.read()
    assert plain["resource"]["inputs"] == {"bucket": "acme-b"}
    assert (plain["resource"]["provider"], plain["resource"]["custom"]) == (PROVIDER, True)
    assert (plain["replaces"], replacement["replaces"]) == (False, True)


def test_only_the_kept_operations_remain_and_no_file_without_any(unanswered, lock_path):
    folder = lock_path.parent.parent / "unanswered"
    read(unanswered, begins("create"), begins("update", urn=f"{BUCKET}-2"))
    unanswered.keep([BUCKET])
    assert read(unanswered) == [("creating", BUCKET)]
    (file,) = folder.iterdir()
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    unanswered(ends("create"))
    unanswered.tidy()
    assert list(folder.iterdir()) == []


def test_a_line_whose_writer_was_killed_hides_no_other(unanswered, lock_path):
    read(unanswered, begins("create"))
    (file,) = (lock_path.parent.parent / "unanswered").iterdir()
    with file.open("a") as opened:
        opened.write('{"type": "crea')
    unanswered.tidy()
    other = f"{BUCKET}-2"
    assert read(unanswered, begins("create", urn=other)) == [("creating", BUCKET), ("creating", other)]
