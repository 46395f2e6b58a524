"""Names and policy documents of every stack fit the limits of AWS, with the longest names that the settings allow.

A region's name is part of many names and of every ARN, so each layout is recorded in regions with long names.
"""

from itertools import product

import pytest

from settings.types.regions import REGIONS
from tests.support import computed
from tests.support.docs.document_sizes import documents_of
from tests.support.every_stack import Deployment
from tests.support.longest_names import longest_foundation
from tests.support.nightly import param
from tests.support.physical_names import NAME_LENGTHS, physical_names

LONGEST_REGIONS = ("ap-southeast-1", "ap-northeast-1")
LAYOUTS = [
    *product([LONGEST_REGIONS], ("small", "medium", "large"), ("dedicated", "shared"), ("identity-center", "iam")),
    *(
        (regions, "large", "shared", "iam")
        for regions in (("eu-central-1", "ap-northeast-2"), ("il-central-1", "eu-south-2"), ("us-east-1", "eu-north-1"))
    ),
]
EACH_CHANGE = (LONGEST_REGIONS, "large", "shared", "iam")
"""The layout of each change, which has the most stacks. The others are nightly."""


def layouts():
    for layout in LAYOUTS:
        (home, _), *rest = layout
        yield param(layout, id="-".join([home, *rest]), each_change=layout == EACH_CHANGE)


@pytest.fixture(scope="module", params=layouts())
def deployment(request):
    (home, second), placement, endpoints, sign_in = request.param
    foundation = longest_foundation(home, second, placement=placement, endpoints=endpoints, sign_in=sign_in)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computed, "REGION", home)
        deployed = Deployment(foundation)
        return {stack: deployed[stack] for stack in deployed}


@pytest.fixture(scope="module")
def names(deployment):
    return [name for stack, recorder in deployment.items() for name in physical_names(stack, recorder)]


def test_every_name_is_within_the_limit_of_its_service(names):
    assert [name for name in names if len(name) > NAME_LENGTHS.get(name.type, 0)] == []


def test_the_limit_of_every_named_type_is_known(names):
    assert {name.type for name in names} - NAME_LENGTHS.keys() == set()


def test_the_longest_bucket_name_has_exactly_the_length_that_s3_allows(names):
    """Otherwise the settings would refuse names of organizations that fit."""
    assert max(len(name) for name in names if name.type == "aws:s3/bucket:Bucket") == 63


def test_every_policy_document_fits_its_limit(deployment):
    assert [document for document in documents_of(deployment) if document.share > 1] == []


def test_no_region_has_a_longer_name_than_those_that_are_recorded():
    assert max(map(len, REGIONS)) == max(map(len, LONGEST_REGIONS))
