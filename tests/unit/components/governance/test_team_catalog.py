"""The team catalog keeps records that nobody may lose."""

import pytest

from components.governance.team_catalog import TeamCatalog, TeamCatalogArgs
from settings.data.catalog_layout import LOOKUP, PARTITION, SORT, TABLE
from tests.support.recorder import deploy

KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.requirement("GOV-06.b")
def test_the_catalog_is_encrypted_protected_and_found_by_its_keys(preview):
    recorder = deploy(lambda: TeamCatalog("catalog", TeamCatalogArgs(key_arn=KEY)), preview=preview)
    table = recorder.one("aws:dynamodb/table:Table")
    inputs = table.inputs
    assert (inputs["name"], inputs["hashKey"], inputs["rangeKey"]) == (TABLE, PARTITION, SORT)
    assert inputs["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
    assert inputs["pointInTimeRecovery"]["enabled"]
    assert inputs["deletionProtectionEnabled"]
    assert table.protect
    (index,) = inputs["globalSecondaryIndexes"]
    keys = [(key["attributeName"], key["keyType"]) for key in index["keySchemas"]]
    assert (index["name"], keys) == (LOOKUP, [(LOOKUP, "HASH"), (SORT, "RANGE")])
    assert sorted(attribute["name"] for attribute in inputs["attributes"]) == sorted((PARTITION, LOOKUP, SORT))
