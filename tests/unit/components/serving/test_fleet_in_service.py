"""Tests that a release keeps the capacity that automatic scaling has reached."""

from types import SimpleNamespace

import pytest

from components.serving.capacity.fleet_in_service import FleetInService
from components.serving.served_variant import InstanceScaling, ServedVariant
from components.serving.trial import Trial, compared
from tests.unit.components.serving.parts import EARLIER

SCALING = InstanceScaling(least=2, most=10, invocations_per_instance=1000)
NEW, OLD = SimpleNamespace(content_name="new"), SimpleNamespace(content_name="old")


def variant(instances=2, scaling=SCALING):
    return ServedVariant(model=NEW, instance_type="ml.m5.large", instances=instances, scaling=scaling)


def sizes(variants):
    answering, shadow = variants
    return [served_variant.instances for served_variant in answering], shadow.instances if shadow else None


def name_of(variants):
    return f"e-{sizes(variants)[0]}"


def kept(*variants, shadow=None, configuration="e-old", started=None, **instances):
    fleet = FleetInService(configuration_name=configuration, started=started or {}, instances=instances)
    return sizes(fleet.kept_by((list(variants), shadow), name_of))


@pytest.mark.requirement("RT-07.b")
@pytest.mark.parametrize(
    ("configured", "current", "expected"),
    [(2, 8, 8), (4, 2, 4), (2, 0, 2), (2, 12, 10)],
    ids=["scaled out", "fewer than configured", "none", "more than the new bounds"],
)
def test_a_release_starts_with_the_larger_of_configured_and_current_within_the_bounds(configured, current, expected):
    assert kept(variant(configured), AllTraffic=current) == ([expected], None)


def test_the_number_of_a_variant_that_does_not_scale_is_that_of_the_file():
    assert kept(variant(scaling=None), AllTraffic=8) == ([2], None)


@pytest.mark.requirement("RT-09.c")
def test_a_trial_divides_the_capacity_by_its_weights_and_ends_with_all_of_it():
    a_b = Trial(kind="a-b", version_arn=EARLIER, percentage=25)
    assert kept(*compared(a_b, variant(), OLD)[0], AllTraffic=8) == ([6, 2], None)
    assert kept(variant(), AllTraffic=6, Candidate=2) == ([8], None)
    few = Trial(kind="a-b", version_arn=EARLIER, percentage=7)
    assert kept(*compared(few, variant(instances=1), OLD)[0], AllTraffic=10) == ([10, 1], None)


@pytest.mark.requirement("RT-09.a")
@pytest.mark.parametrize(("percentage", "expected"), [(50, 4), (100, 8), (10, 2)])
def test_a_shadow_has_instances_for_its_copies(percentage, expected):
    trial = Trial(kind="shadow", version_arn=EARLIER, percentage=percentage)
    answering, shadow = compared(trial, variant(), OLD)
    assert kept(*answering, shadow=shadow, AllTraffic=8) == ([8], expected)


def test_a_repeated_release_keeps_the_configuration_in_service():
    """Otherwise each repetition would start a deployment as soon as scaling has changed the number again."""
    same = {"configuration": "e-[8]", "started": {"AllTraffic": 8}}
    assert kept(variant(), **same, AllTraffic=5) == ([8], None)
    assert kept(variant(), **same | {"configuration": "e-other"}, AllTraffic=5) == ([5], None)
    assert kept(variant(9), **same, AllTraffic=5) == ([9], None), "the file asks for more"
