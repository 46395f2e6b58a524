"""Properties of every stack of every layout: placement, endpoints, sign-in and internet access."""

import json
import re
from collections import defaultdict

import pytest

from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from selfservice.engine.additions import ATTACHMENT, GROUPS, ROLE, ROLE_POLICY, RULES
from selfservice.engine.import_discovery import LOOKUPS
from selfservice.engine.resource_lookup.lookup import Searched, value_of
from selfservice.engine.resource_lookup.repeatable import REPEATABLE
from tests.support.docs.document_sizes import PAGE, documents_of, page
from tests.support.service_authorization import findings_in
from tests.support.variants import EACH_CHANGE, VARIANTS, deployment_of, params

MOST_RESOURCES = 150
APPLICATION_ASSIGNMENT = "aws:ssoadmin/applicationAssignment:ApplicationAssignment"
_ATTACHES = re.compile(r"aws:iam/(role\w+|policyAttachment):|aws:(ec2|vpc)/\w*[sS]ecurityGroup\w*Rule\w*:")
"""Types of resources that give a role a policy or a security group a rule."""


@pytest.fixture(params=params(VARIANTS))
def deployment(request):
    return deployment_of(request.param)


def test_a_stack_has_fewer_resources_than_the_limit(deployment):
    # The state also contains the stack itself as a resource.
    sizes = {stack: len(recorder.records) + 1 for stack, recorder in deployment.items()}
    assert {stack: size for stack, size in sizes.items() if size > MOST_RESOURCES} == {}


def test_every_policy_document_fits_its_limit_with_room_to_grow(deployment):
    assert [document for document in documents_of(deployment) if document.share > document.largest_share] == []


def test_every_policy_statement_can_match_a_request(deployment):
    assert findings_in(deployment) == []


@pytest.mark.nightly
def test_the_page_of_document_sizes_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make reference`"


def test_recovery_can_look_up_every_type_or_knows_that_creating_it_twice_is_harmless(deployment):
    types = {record.type for recorder in deployment.values() for record in recorder.resources}
    assert types - set(LOOKUPS) - set(REPEATABLE) == set()


def test_recovery_knows_every_type_that_a_deployer_creates_also_those_that_no_variant_has():
    types = {type_ for type_, calls in calls_in(CALLS_BY_KIND) if calls.create}
    assert types - set(LOOKUPS) - set(REPEATABLE) == set()


def places_of(recorder):
    """Returns the account and region of each provider of AWS, by the provider's name."""
    providers = [record for record in recorder.records if record.is_provider and record.type == "pulumi:providers:aws"]
    return {provider.name: (provider.inputs["allowedAccountIds"], provider.inputs["region"]) for provider in providers}


def natural_key(resource):
    """Returns the values of a resource's natural key, each with the resources that it comes from.

    Networks of different stacks have the same id here. The provider generates a missing name with random characters.
    """
    inputs = {"name": resource.urn, **resource.inputs} if resource.type in GROUPS else resource.inputs
    made_from = {
        path: sorted(resource.made_from.get(path.partition(".")[0], ())) for path in LOOKUPS[resource.type].key
    }
    return {path: (value_of(inputs, path), sources) for path, sources in made_from.items()}


def test_no_two_resources_have_the_same_natural_key_in_one_account(deployment):
    """Otherwise a recovery could import the resource of another stack, or one resource twice."""
    named = defaultdict(list)
    for recorder in deployment.values():
        places = places_of(recorder)
        for resource in recorder.resources:
            # Here all people have the same id in the directory.
            if resource.type in LOOKUPS and resource.type != APPLICATION_ASSIGNMENT:
                key = json.dumps(natural_key(resource))
                named[places[resource.provider], resource.type, key].append(resource.urn)
    assert {key: urns for key, urns in named.items() if len(urns) > 1} == {}


def test_every_resource_has_the_natural_key_that_its_lookup_needs(deployment):
    """Functions are left out: a part of their key may be optional."""
    missing = {
        (resource.urn, path)
        for recorder in deployment.values()
        for resource in recorder.resources
        if resource.type in LOOKUPS and not isinstance(LOOKUPS[resource.type], Searched)
        for path, (value, _) in natural_key(resource).items()
        if value is None
    }
    assert missing == set()


def test_policies_of_roles_and_rules_of_groups_are_resources_that_the_search_for_additions_knows(deployment):
    """A policy or a rule that it does not know would be removed as somebody else's."""
    for recorder in deployment.values():
        resources = list(recorder.resources)
        types = {resource.type for resource in resources}
        assert {type_ for type_ in types if _ATTACHES.match(type_)} <= {ROLE_POLICY, ATTACHMENT, *RULES.values()}
        names = {resource.computed["name"] for resource in resources if resource.type == ROLE}
        groups = {resource.id for resource in resources if resource.type in GROUPS}
        for resource in resources:
            if resource.type in (ROLE_POLICY, ATTACHMENT):
                assert resource.computed["role"] in names, resource.urn
            elif resource.type in RULES.values():
                assert resource.computed["securityGroupId"] in groups, resource.urn


def test_the_variants_of_each_change_have_every_value_of_each_setting():
    chosen = [variant for variant in VARIANTS if str(variant) in EACH_CHANGE]
    assert len(chosen) == len(EACH_CHANGE)
    for name in ("placement", "endpoints", "sign_in", "phase"):
        assert {getattr(variant, name) for variant in chosen} == {getattr(variant, name) for variant in VARIANTS}


def test_no_type_is_both_looked_up_and_created_twice():
    assert set(LOOKUPS) & set(REPEATABLE) == set()
