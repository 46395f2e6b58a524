"""What holds for every stack of every layout: placement, endpoints, sign-in, the internet where it may be had."""

import pytest

from tests.support.variants import VARIANTS, deployment_of

MOST_RESOURCES = 150


@pytest.fixture(params=VARIANTS, ids=str)
def deployment(request):
    return deployment_of(request.param)


def test_a_stack_is_small_enough_for_an_engine_whose_cost_grows_with_its_square(deployment):
    # The stack is a resource of its own state, beside what it registered.
    sizes = {stack: len(recorder.records) + 1 for stack, recorder in deployment.items()}
    assert {stack: size for stack, size in sizes.items() if size > MOST_RESOURCES} == {}
