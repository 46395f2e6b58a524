"""Every fault of the corpus is refused with its code, its place, its rule's number and a mend.

The numbers are those of the catalogue that the foundation is held to.
"""

import pytest

from tests.unit.settings.corpus.accounts import ACCOUNTS
from tests.unit.settings.corpus.addresses import ADDRESSES
from tests.unit.settings.corpus.case import Case
from tests.unit.settings.corpus.ci_runners import CI_RUNNERS
from tests.unit.settings.corpus.data_apis import DATA_APIS
from tests.unit.settings.corpus.datasets import DATASETS
from tests.unit.settings.corpus.deliveries import DELIVERIES
from tests.unit.settings.corpus.emails import EMAILS
from tests.unit.settings.corpus.feature_groups import FEATURE_GROUPS
from tests.unit.settings.corpus.glue_steps import GLUE_STEPS
from tests.unit.settings.corpus.intakes import INTAKES
from tests.unit.settings.corpus.regions import REGIONS
from tests.unit.settings.corpus.rules import RULES
from tests.unit.settings.corpus.runners import RUNNERS
from tests.unit.settings.corpus.shapes import SHAPES
from tests.unit.settings.corpus.shared import SHARED
from tests.unit.settings.corpus.tags import TAGS
from tests.unit.settings.corpus.team_names import TEAM_NAMES
from tests.unit.settings.corpus.tracking import TRACKING
from tests.unit.settings.project import Project

CASES = [
    *ACCOUNTS,
    *EMAILS,
    *TEAM_NAMES,
    *ADDRESSES,
    *REGIONS,
    *SHAPES,
    *TAGS,
    *RULES,
    *SHARED,
    *RUNNERS,
    *TRACKING,
    *CI_RUNNERS,
    *DATASETS,
    *FEATURE_GROUPS,
    *DATA_APIS,
    *INTAKES,
    *GLUE_STEPS,
    *DELIVERIES,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.name}".encode("unicode_escape").decode())
def test_bad_input_is_refused_with_location_and_fix(project: Project, case: Case):
    faults = case.change(project).faults()
    found = [fault for fault in faults if (fault.code, fault.path) == (case.code, case.path)]
    assert found, f"expected {case.code.value} at {case.path or 'the file'}, got {[str(fault) for fault in faults]}"
    assert len(faults) == 1, [str(fault) for fault in faults]
    message = str(found[0])
    for words in case.says:
        assert words in message
    assert found[0].file.startswith(("Pulumi.yaml", "environments/Pulumi."))
    assert message.isascii() or "…" in message
