"""Client ids of OpenID Connect providers."""

from __future__ import annotations

from plinth_sandbox.testing import EmulatedAws, refusal

MISSING = "arn:aws:iam::123456789012:oidc-provider/nobody.example.com"


def test_client_ids_are_added_and_removed_once_and_survive_a_restart(aws: EmulatedAws) -> None:
    iam = aws.client("iam")
    arn = iam.create_open_id_connect_provider(
        Url="https://tokens.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=[]
    )["OpenIDConnectProviderArn"]
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="another")
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    assert sorted(found) == ["another", "sts.amazonaws.com"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="sts.amazonaws.com")
    aws.restart()
    found = aws.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    assert found == ["another"]


def test_a_provider_that_does_not_exist_is_refused(aws: EmulatedAws) -> None:
    given = {"OpenIDConnectProviderArn": MISSING, "ClientID": "another"}
    assert refusal(aws.client("iam").add_client_id_to_open_id_connect_provider, **given) == "NoSuchEntity"
    assert refusal(aws.client("iam").remove_client_id_from_open_id_connect_provider, **given) == "NoSuchEntity"


def test_a_provider_has_at_most_a_hundred_client_ids(aws: EmulatedAws) -> None:
    iam = aws.client("iam")
    arn = iam.create_open_id_connect_provider(
        Url="https://many.example.com", ClientIDList=[f"client-{number}" for number in range(100)], ThumbprintList=[]
    )["OpenIDConnectProviderArn"]
    given = {"OpenIDConnectProviderArn": arn, "ClientID": "another"}
    assert refusal(iam.add_client_id_to_open_id_connect_provider, **given) == "LimitExceeded"
