"""A hold stops the emulator right after a chosen call, so that clients and emulator can be killed there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plinth_sandbox.emulator.layers.hold import hold, is_held, release
from plinth_sandbox.testing import EmulatedAws
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmulatedAws]:
    server = EmulatedAws(tmp_path)
    server.start()
    yield server
    server.kill()


def topics(aws: EmulatedAws) -> list[str]:
    return [topic["TopicArn"].rpartition(":")[2] for topic in aws.client("sns").list_topics()["Topics"]]


def test_a_held_answer_arrives_after_the_release_and_calls_before_it_are_answered(aws: EmulatedAws) -> None:
    sns = aws.client("sns")
    hold(aws.directory, 2)
    with ThreadPoolExecutor(1) as threads:
        sns.create_topic(Name="first")
        second = threads.submit(sns.create_topic, Name="second")
        eventually(lambda: is_held(aws.directory))
        assert not second.done()
        release(aws.directory)
        assert second.result(LONGEST_SECONDS)["TopicArn"].endswith(":second")
    assert topics(aws) == ["first", "second"]
    assert not is_held(aws.directory)


def test_the_call_of_an_emulator_that_is_killed_while_it_holds_has_taken_effect(aws: EmulatedAws) -> None:
    sns = aws.client("sns")
    hold(aws.directory, 1)
    with ThreadPoolExecutor(1) as threads:
        unanswered = threads.submit(sns.create_topic, Name="unanswered")
        eventually(lambda: is_held(aws.directory))
        aws.kill()
        assert unanswered.exception(LONGEST_SECONDS) is not None
    release(aws.directory)
    aws.start()
    assert topics(aws) == ["unanswered"]
