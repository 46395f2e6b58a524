"""Properties of every stack of every layout: placement, endpoints, sign-in and internet access."""

import pytest

from selfservice.engine.import_discovery import LOOKUPS
from selfservice.engine.resource_lookup.repeatable import REPEATABLE
from tests.support.docs.document_sizes import PAGE, documents_of, page
from tests.support.service_authorization import findings_in
from tests.support.variants import VARIANTS, deployment_of

MOST_RESOURCES = 150


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


def test_no_type_is_both_looked_up_and_created_twice():
    assert set(LOOKUPS) & set(REPEATABLE) == set()
