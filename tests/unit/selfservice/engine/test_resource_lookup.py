import botocore.session
import pytest
from botocore import xform_name

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import LOOKUPS
from selfservice.engine.resource_lookup.lookup import Composed, Listed

HOME = Account(id="123456789012", region="eu-west-1", role_arn=None)
LISTINGS = {type_: lookup for type_, lookup in LOOKUPS.items() if isinstance(lookup, Listed)}


class Listing:
    """An account that has these items, and remembers what it was asked."""

    id, region, role_arn = HOME.id, HOME.region, None

    def __init__(self, *items):
        self.items, self.asked = items, {}

    def every(self, _service, _operation, _items, **asked):
        self.asked = asked
        return iter(self.items)


def test_an_id_is_composed_of_properties_and_of_the_account():
    assert Composed("{@account}:{@region}:{name}")({"name": "n"}, HOME) == "123456789012:eu-west-1:n"


def test_an_id_of_which_a_part_is_missing_is_none():
    assert Composed("{name}")({}, HOME) is None


def test_the_item_is_found_that_says_the_same_and_is_not_on_its_way_out():
    group = LOOKUPS["aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup"]
    others = {"Name": "other", "Id": "1"}, {"Name": "mine", "Id": "2", "ShareStatus": "SHARED_WITH_ME"}
    assert group({"name": "mine"}, Listing(*others)) is None
    assert group({"name": "mine"}, Listing(*others, {"Name": "mine", "Id": "3"})) == "3"


def test_a_listing_is_asked_for_what_the_program_says():
    groups = Listing({"DisplayName": "d", "GroupId": "g"})
    find = LOOKUPS["aws:identitystore/group:Group"]
    assert find({"identityStoreId": "d-1", "displayName": "d"}, groups) == "d-1/g"
    assert groups.asked == {"IdentityStoreId": "d-1"}


@pytest.mark.parametrize(
    ("type_", "inputs", "found"),
    [
        ("aws:codepipeline/pipeline:Pipeline", {"name": "fraud--scoring-promotion"}, "fraud--scoring-promotion"),
        (
            "aws:codebuild/webhook:Webhook",
            {"projectName": "fraud--scoring-build-mirror"},
            "fraud--scoring-build-mirror",
        ),
        ("aws:codeconnections/connection:Connection", {"name": "acme-github"}, "arn:ours"),
        ("aws:codeconnections/connection:Connection", {"name": "acme-gitlab"}, None),
    ],
)
def test_what_delivers_a_use_case_is_found_by_its_name(type_, inputs, found):
    connections = Listing(
        {"ConnectionName": "other", "ConnectionArn": "arn:other"},
        {"ConnectionName": "acme-github", "ConnectionArn": "arn:ours"},
    )
    assert LOOKUPS[type_](inputs, connections) == found


@pytest.mark.parametrize("type_", LISTINGS)
def test_a_listing_is_one_that_the_service_has_and_says_what_is_compared(type_):
    listing = LISTINGS[type_]
    service = botocore.session.get_session().get_service_model(listing.service)
    (operation,) = [name for name in service.operation_names if xform_name(name) == listing.operation]
    model = service.operation_model(operation)
    assert set(listing.asked) <= set(model.input_shape.members)
    item = model.output_shape.members[listing.items].member
    assert {listing.identity, *listing.alike, *listing.unless} <= set(item.members)


@pytest.mark.parametrize(("state", "found"), [("available", True), ("pending", True), ("pendingAcceptance", False)])
def test_an_attachment_that_nobody_has_accepted_is_no_acceptance(state, found):
    find = LOOKUPS["aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter"]
    attachments = Listing({"TransitGatewayAttachmentId": "tgw-attach-1", "State": state})
    assert find({"transitGatewayAttachmentId": "tgw-attach-1"}, attachments) == ("tgw-attach-1" if found else None)
