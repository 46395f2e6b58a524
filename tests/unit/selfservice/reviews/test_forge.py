"""The comment on a pull request: found, posted, replaced and refused, at servers that speak as GitHub and GitLab do."""

from __future__ import annotations

import json

import pytest

from selfservice.errors import BadInputError
from selfservice.reviews.comment import MARKER
from selfservice.reviews.forge import forge_of, publish
from tests.support.forge_server import ACTIONS, BOT, STRANGER


@pytest.fixture
def actions(server, tmp_path):
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": server.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "acme/foundation",
        "GITHUB_TOKEN": "job-token",
    }


@pytest.fixture
def codebuild(server):
    return {
        "CODEBUILD_BUILD_ID": "review:1",
        "CODEBUILD_SOURCE_REPO_URL": "https://github.com/acme/foundation.git",
        "CODEBUILD_WEBHOOK_TRIGGER": "pr/7",
        "GITHUB_API_URL": server.url,
        "GITHUB_TOKEN": "bot-token",
    }


@pytest.fixture
def gitlab(server):
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": server.url,
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": "bot-token",
    }


@pytest.fixture(params=[("actions", ACTIONS), ("codebuild", BOT), ("gitlab", BOT)], ids=lambda param: param[0])
def job(request):
    name, author = request.param
    return request.getfixturevalue(name), author


def bodies(server, author):
    return [comment["body"] for comment in server.comments if comment["author"] == author]


def test_a_review_replaces_its_own_comment(job, server):
    environment, author = job
    server.say(author, "another comment of the same identity")
    first = publish(forge_of(environment), f"{MARKER}\nfirst")
    assert publish(forge_of(environment), f"{MARKER}\nsecond") == first
    assert first.endswith("2")
    assert bodies(server, author) == ["another comment of the same identity", f"{MARKER}\nsecond"]


def test_a_comment_that_a_stranger_has_planted_is_left_alone(job, server):
    environment, author = job
    server.say(STRANGER, f"{MARKER}\nall is well")
    publish(forge_of(environment), f"{MARKER}\nrefused")
    assert bodies(server, STRANGER) == [f"{MARKER}\nall is well"]
    assert bodies(server, author) == [f"{MARKER}\nrefused"]


def test_a_comment_is_found_on_a_later_page(job, server):
    environment, author = job
    for number in range(100):
        server.say(STRANGER, f"comment {number}")
    publish(forge_of(environment), f"{MARKER}\nfirst")
    publish(forge_of(environment), f"{MARKER}\nsecond")
    assert bodies(server, author) == [f"{MARKER}\nsecond"]


def test_a_refused_token_is_reported_with_the_permission_that_it_needs(actions, gitlab, server):
    with pytest.raises(BadInputError, match="401 Bad credentials; the job needs the permission `pull-requests: write`"):
        publish(forge_of({**actions, "GITHUB_TOKEN": "wrong"}), MARKER)
    with pytest.raises(BadInputError, match="401 Bad credentials; GITLAB_TOKEN needs the scope `api`"):
        publish(forge_of({**gitlab, "GITLAB_TOKEN": "wrong"}), MARKER)
    assert server.comments == []


@pytest.mark.parametrize(
    ("of", "changes", "said"),
    [
        ("actions", {"GITHUB_TOKEN": ""}, "the environment variable GITHUB_TOKEN is missing"),
        ("gitlab", {"GITLAB_TOKEN": ""}, "the environment variable GITLAB_TOKEN is missing"),
        ("gitlab", {"CI_MERGE_REQUEST_IID": ""}, "this pipeline has no merge request"),
        ("codebuild", {"CODEBUILD_WEBHOOK_TRIGGER": "branch/main"}, "not started by a webhook for a pull request"),
        ("codebuild", {"CODEBUILD_SOURCE_REPO_URL": "https://github.com.evil.example/a/b"}, "not started by a webhook"),
    ],
)
def test_a_job_without_a_pull_request_or_token_is_refused(request, of, changes, said):
    with pytest.raises(BadInputError, match=said):
        forge_of({**request.getfixturevalue(of), **changes})


def test_an_event_without_a_pull_request_is_refused(actions, tmp_path):
    (tmp_path / "event.json").write_text("{}")
    with pytest.raises(BadInputError, match="the event push has no pull request"):
        forge_of({**actions, "GITHUB_EVENT_NAME": "push"})


def test_without_continuous_integration_there_is_nothing_to_post_to():
    with pytest.raises(BadInputError, match="use --output"):
        forge_of({})


def test_a_forge_that_does_not_answer_is_named(actions):
    with pytest.raises(BadInputError, match=r"GitHub does not answer at http://127\.0\.0\.1:1/user"):
        publish(forge_of({**actions, "GITHUB_API_URL": "http://127.0.0.1:1"}), MARKER)
