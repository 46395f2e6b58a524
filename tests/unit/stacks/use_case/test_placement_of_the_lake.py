"""The stack of a use case where a placement gives the lake and the tooling one account."""

from tests.support.every_stack import DELIVERED, Deployment, example_foundation, example_organization, example_team

PROVIDER = "pulumi:providers:aws"


def test_the_stack_has_one_provider_of_the_account_that_holds_both_the_lake_and_the_tooling():
    organization = example_organization(placement="medium")
    foundation = example_foundation(organization=organization, teams=[example_team(use_cases=DELIVERED)])
    recorder = Deployment(foundation)["fraud--scoring"]
    (provider,) = [one for one in recorder.records if one.type == PROVIDER and one.name == "tooling"]
    grants = recorder.all("aws:lakeformation/permissions:Permissions")
    assert grants
    assert provider.name in {grant.provider for grant in grants}
