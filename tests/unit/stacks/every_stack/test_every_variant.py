"""Properties of every stack of every layout: placement, endpoints, sign-in and internet access."""

import re

import pytest

from selfservice.engine.additions import ATTACHMENT, GROUPS, ROLE, ROLE_POLICY, RULES
from selfservice.engine.import_discovery import LOOKUPS
from selfservice.engine.resource_lookup.repeatable import REPEATABLE
from tests.support.docs.document_sizes import PAGE, documents_of, page
from tests.support.service_authorization import findings_in
from tests.support.variants import VARIANTS, deployment_of

MOST_RESOURCES = 150
_ATTACHES = re.compile(r"aws:iam/(role\w+|policyAttachment):|aws:(ec2|vpc)/\w*[sS]ecurityGroup\w*Rule\w*:")
"""Types of resources that give a role a policy or a security group a rule."""


@pytest.fixture(params=VARIANTS, ids=str)
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


def test_the_page_of_document_sizes_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make reference`"


def test_recovery_can_look_up_every_type_or_knows_that_creating_it_twice_is_harmless(deployment):
    types = {record.type for recorder in deployment.values() for record in recorder.resources}
    assert types - set(LOOKUPS) - set(REPEATABLE) == set()


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


def test_no_type_is_both_looked_up_and_created_twice():
    assert set(LOOKUPS) & set(REPEATABLE) == set()
