"""The roles still hold every permission that they used in runs of the sandbox."""

from __future__ import annotations

import pytest

from tests.access.cell_results import evaluate
from tests.access.dropped_permissions import noticed_by_cells
from tests.access.role_kinds import kind_of, principals_of
from tests.access.table import all_cells, first_variant
from tests.access.used_permissions import is_granted, read
from tests.access.world.world import example_world

USED = sorted(read())


@pytest.mark.parametrize("kind", dict.fromkeys(kind for kind, *_ in USED))
def test_roles_hold_the_permissions_that_they_used(kind):
    of_kind = [permission for permission in USED if permission[0] == kind]
    assert [permission for permission in of_kind if not is_granted(permission)] == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fraud--scoring-prod-predict", "use case/predict"),
        ("risk-eu--card-pricing-preprod-predict", "use case/predict"),
        ("fraud--scoring-dev-pipeline", "use case/training-pipeline"),
        ("fraud--scoring-prod-pipeline", "use case/pipeline"),
        ("fraud--scoring-promotion-prod", "use case/promotion-prod"),
        ("fraud--scoring-start", "use case/start"),
        ("fraud-production-intake", "environment/intake"),
        ("fraud-development-intake-job-join", "environment/intake-job"),
        ("fraud-experimentation-studio-ada", "environment/studio"),
        ("data-lake-etl-cards", "data-lake-etl"),
        ("platform-runner", "platform-runner"),
    ],
)
def test_a_kind_is_what_roles_of_one_component_have_in_common(name, kind):
    assert kind_of(name) == kind


def test_every_role_of_a_use_case_has_a_kind():
    assert {kind for kind, role in principals_of(example_world()) if "--" in role.name and "/" not in kind} == set()


def test_a_permission_without_which_an_allowed_cell_is_denied_is_noticed():
    asked = ("pipeline", "sagemaker:CreateTrainingJob", "allowed")
    cells = [cell for cell in all_cells() if (cell.actor, cell.action, cell.expected) == asked]
    noticed = noticed_by_cells(evaluate(cell) for cell in cells if cell.variant == first_variant())
    assert {(kind, action) for kind, _, action in noticed} == {("environment/pipeline", "sagemaker:CreateTrainingJob")}
