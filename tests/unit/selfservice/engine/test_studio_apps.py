"""Which Studio apps an operation deletes before it deletes what has them, with an account that lists apps."""

import threading

import pytest
from botocore.exceptions import ClientError

from selfservice.engine.import_discovery import Search
from selfservice.engine.locks.stack_lock import InterruptedOperationError
from selfservice.engine.studio_apps import delete_apps

PROVIDER = "urn:pulumi:fraud-development-studio::plinth::pulumi:providers:aws::account"
ANA, BEN = {"UserProfileName": "ana"}, {"UserProfileName": "ben"}
ANAS_NOTEBOOK, BENS_NOTEBOOK = {"SpaceName": "ana-jupyterlab"}, {"SpaceName": "ben-jupyterlab"}


def resource(name, type_, **outputs):
    urn = f"urn:pulumi:fraud-development-studio::plinth::aws:sagemaker/{type_}::{name}"
    return {
        "urn": urn,
        "type": f"aws:sagemaker/{type_}",
        "id": "d-1" if type_ == "domain:Domain" else name,
        "outputs": {"domainId": "d-1", **outputs},
        "provider": f"{PROVIDER}::1",
    }


DOMAIN = resource("studio", "domain:Domain")
PROFILE = resource("ana", "userProfile:UserProfile", userProfileName="ana")
SPACE = resource("ana-jupyterlab", "space:Space", spaceName="ana-jupyterlab")


def app(holder, *statuses, type_="JupyterLab"):
    """Returns an app with the statuses that the next listings show. The last one stays."""
    shown = [*statuses] or ["InService"]
    return {"DomainId": "d-1", "AppType": type_, "AppName": "default", "statuses": shown, **holder}


def refusal(code, message):
    return ClientError({"Error": {"Code": code, "Message": message}}, "DeleteApp")


class Account:
    """An account that lists an app twice as deleting, unless it refuses the deletion."""

    def __init__(self, *apps, refuses=None):
        self.apps, self.refuses, self.deleted = (
            [{**studio_app, "statuses": [*studio_app["statuses"]]} for studio_app in apps],
            refuses,
            [],
        )

    def client(self, service):
        assert service == "sagemaker"
        return self

    def every(self, service, operation, key, **arguments):
        assert (service, operation, key, arguments) == ("sagemaker", "list_apps", "Apps", {"DomainIdEquals": "d-1"})
        for studio_app in self.apps:
            status, *later = studio_app["statuses"]
            studio_app["statuses"] = later or [status]
            yield {**{name: value for name, value in studio_app.items() if name != "statuses"}, "Status": status}

    def delete_app(self, **call):
        self.deleted.append(call)
        if self.refuses is not None:
            raise self.refuses
        (studio_app,) = (candidate for candidate in self.apps if call.items() <= candidate.items())
        studio_app["statuses"] = ["Deleting", "Deleting", "Deleted"]


class Clock:
    """An event that is set when an operation has waited for a number of times."""

    def __init__(self, times=99):
        self.waited, self.times = 0, times

    def wait(self, seconds):
        self.waited += 1
        return self.waited > self.times


@pytest.fixture
def delete(monkeypatch):
    """Returns a function that deletes apps, and returns the deleted holders and how often it waited."""

    def delete(account, deleted, times=99, resources=(DOMAIN, PROFILE, SPACE)):
        monkeypatch.setattr(Search, "account_of", lambda self, resource: account)
        clock, said = Clock(times), []
        urns = None if deleted is None else {deleted_resource["urn"] for deleted_resource in deleted}
        delete_apps(resources, urns, said.append, clock)
        holders = [call.get("SpaceName") or call["UserProfileName"] for call in account.deleted]
        assert len(said) == (len(holders) if account.refuses is None else 0)
        return holders, clock.waited

    return delete


APPS = (app(ANAS_NOTEBOOK), app(ANA, type_="Canvas"), app(BENS_NOTEBOOK))


@pytest.mark.parametrize(
    ("deleted", "expected"),
    [
        (None, ["ana-jupyterlab", "ana", "ben-jupyterlab"]),
        ([DOMAIN], ["ana-jupyterlab", "ana", "ben-jupyterlab"]),
        ([PROFILE], ["ana"]),
        ([SPACE], ["ana-jupyterlab"]),
        ([PROFILE, SPACE], ["ana-jupyterlab", "ana"]),
        ([], []),
    ],
    ids=["a destruction", "the domain", "a profile", "a space", "a user", "nothing"],
)
def test_the_apps_of_what_is_deleted_are_deleted_and_others_run_on(delete, deleted, expected):
    account = Account(*APPS)
    assert delete(account, deleted)[0] == expected
    ended = [studio_app["statuses"] for studio_app in account.apps]
    assert (ended.count(["Deleted"]), ended.count(["InService"])) == (len(expected), len(APPS) - len(expected))


def test_an_operation_waits_until_the_last_app_no_longer_exists(delete):
    assert delete(Account(app(ANAS_NOTEBOOK), app(BENS_NOTEBOOK, "Deleted")), None) == (["ana-jupyterlab"], 2)
    assert delete(Account(app(ANAS_NOTEBOOK, "Deleting", "Deleting", "Deleted")), None) == ([], 2)


def test_an_app_that_is_being_created_is_deleted_once_it_runs(delete):
    assert delete(Account(app(ANAS_NOTEBOOK, "Pending", "Pending", "InService")), None) == (["ana-jupyterlab"], 4)


def test_a_failed_app_that_sagemaker_has_deleted_holds_up_nothing(delete):
    gone = refusal("ValidationException", "The app previously failed and was automatically deleted")
    assert delete(Account(app(ANAS_NOTEBOOK, "Failed"), refuses=gone), None) == (["ana-jupyterlab"], 0)


def test_a_refused_deletion_ends_the_operation_and_one_that_is_in_use_is_repeated(delete):
    with pytest.raises(ClientError, match="AccessDenied"):
        delete(Account(app(ANAS_NOTEBOOK), refuses=refusal("AccessDeniedException", "no")), None)
    account = Account(app(ANAS_NOTEBOOK), refuses=refusal("ResourceInUse", "no"))
    with pytest.raises(InterruptedOperationError):
        delete(account, None, times=2)
    assert len(account.deleted) == 3


def test_a_stack_without_studio_asks_no_account(monkeypatch):
    monkeypatch.setattr(Search, "account_of", lambda self, resource: pytest.fail("asked"))
    delete_apps([resource("group", "featureGroup:FeatureGroup")], None, pytest.fail, threading.Event())
