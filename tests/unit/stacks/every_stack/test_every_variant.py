"""What holds for every stack of every layout: placement, endpoints, sign-in, the internet where it may be had."""

import pytest

from selfservice.engine.import_discovery import FINDERS
from selfservice.engine.resource_lookup.repeatable import HARMLESS
from tests.support.variants import VARIANTS, deployment_of

MOST_RESOURCES = 150


@pytest.fixture(params=VARIANTS, ids=str)
def deployment(request):
    return deployment_of(request.param)


def test_a_stack_is_small_enough_for_an_engine_whose_cost_grows_with_its_square(deployment):
    # The stack is a resource of its own state, beside what it registered.
    sizes = {stack: len(recorder.records) + 1 for stack, recorder in deployment.items()}
    assert {stack: size for stack, size in sizes.items() if size > MOST_RESOURCES} == {}


def test_a_recovery_knows_of_every_type_how_to_find_it_or_why_a_second_creation_does_no_harm(deployment):
    types = {record.type for recorder in deployment.values() for record in recorder.resources}
    assert types - set(FINDERS) - set(HARMLESS) == set()


def test_no_type_is_both_looked_for_and_created_once_more():
    assert set(FINDERS) & set(HARMLESS) == set()
