"""Grants of Lake Formation in states and at AWS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfservice.undeclared.grants import Grant, declared_grants, listed_grants, undeclared

LAKE, REGION = "111111111111", "eu-west-1"
READER = "arn:aws:iam::222222222222:role/reader"


def in_state(resource, permissions=("SELECT",), options=()):
    properties = {
        "principal": READER,
        "permissions": list(permissions),
        "permissionsWithGrantOptions": list(options),
        **resource,
    }
    return list(declared_grants(properties, LAKE, REGION))


def at_aws(resource, permissions=("SELECT",), options=()):
    entry = {
        "Principal": {"DataLakePrincipalIdentifier": READER},
        "Resource": resource,
        "Permissions": list(permissions),
        "PermissionsWithGrantOption": list(options),
    }
    return list(listed_grants(entry, LAKE, REGION))


SAME = {
    "catalog": ({"catalogResource": True}, {"Catalog": {}}),
    "database": ({"database": {"name": "zone"}}, {"Database": {"CatalogId": LAKE, "Name": "zone"}}),
    "table": (
        {"table": {"databaseName": "zone", "name": "t", "catalogId": LAKE}},
        {"Table": {"CatalogId": LAKE, "DatabaseName": "zone", "Name": "t"}},
    ),
    "table whose columns AWS lists": (
        {"table": {"databaseName": "zone", "name": "t"}},
        {"TableWithColumns": {"CatalogId": LAKE, "DatabaseName": "zone", "Name": "t", "ColumnWildcard": {}}},
    ),
    "all tables": (
        {"table": {"databaseName": "zone", "wildcard": True}},
        {"Table": {"CatalogId": LAKE, "DatabaseName": "zone", "Name": "ALL_TABLES", "TableWildcard": {}}},
    ),
    "columns": (
        {"tableWithColumns": {"databaseName": "zone", "name": "t", "columnNames": ["b", "a"]}},
        {"TableWithColumns": {"CatalogId": LAKE, "DatabaseName": "zone", "Name": "t", "ColumnNames": ["a", "b"]}},
    ),
    "all columns but one": (
        {
            "tableWithColumns": {
                "databaseName": "zone", "name": "t", "wildcard": True, "excludedColumnNames": ["secret"],
            }
        },
        {
            "TableWithColumns": {
                "CatalogId": LAKE, "DatabaseName": "zone", "Name": "t",
                "ColumnWildcard": {"ExcludedColumnNames": ["secret"]},
            }
        },
    ),
    "location": (
        {"dataLocation": {"arn": "arn:aws:s3:::lake"}},
        {"DataLocation": {"CatalogId": LAKE, "ResourceArn": "arn:aws:s3:::lake"}},
    ),
    "cell filter": (
        {"dataCellsFilter": {"tableCatalogId": LAKE, "databaseName": "zone", "tableName": "t", "name": "f"}},
        {"DataCellsFilter": {"TableCatalogId": LAKE, "DatabaseName": "zone", "TableName": "t", "Name": "f"}},
    ),
    "LF-tag": (
        {"lfTag": {"key": "team", "values": ["fraud", "churn"]}},
        {"LFTag": {"CatalogId": LAKE, "TagKey": "team", "TagValues": ["churn", "fraud"]}},
    ),
    "LF-tag policy": (
        {
            "lfTagPolicy": {
                "resourceType": "TABLE",
                "expressions": [{"key": "team", "values": ["fraud"]}, {"key": "class", "values": ["open"]}],
            }
        },
        {
            "LFTagPolicy": {
                "CatalogId": LAKE, "ResourceType": "TABLE",
                "Expression": [
                    {"TagKey": "class", "TagValues": ["open"]}, {"TagKey": "team", "TagValues": ["fraud"]},
                ],
            }
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("stated", "listed"), SAME.values(), ids=SAME)
def test_a_grant_of_a_state_equals_what_lake_formation_lists_of_it(stated, listed):
    assert undeclared(at_aws(listed), in_state(stated)) == []


@pytest.mark.parametrize(("stated", "listed"), SAME.values(), ids=SAME)
def test_an_added_permission_and_an_added_grant_option_are_found_on_every_kind_of_resource(stated, listed):
    added = undeclared(at_aws(listed, ["SELECT", "ALTER"], ["SELECT"]), in_state(stated))
    assert [(grant.permission, grant.grantable) for grant in added] == [("ALTER", False), ("SELECT", True)]


def test_grants_on_different_resources_are_different():
    resources = [grant.resource for _, listed in SAME.values() for grant in at_aws(listed)]
    # The two forms of a whole table are the same.
    assert len(set(resources)) == len(SAME) - 1


def test_a_grant_of_everything_covers_what_lake_formation_lists_of_it_and_no_grant_option():
    stated = in_state({"database": {"name": "zone"}}, ["ALL"])
    listed = {"Database": {"CatalogId": LAKE, "Name": "zone"}}
    found = undeclared(at_aws(listed, ["ALL", "ALTER", "DROP"], ["DROP"]), stated)
    assert [(grant.permission, grant.grantable) for grant in found] == [("DROP", True)]


GRANTS = st.builds(
    Grant,
    st.sampled_from(["one", "other"]),
    st.sampled_from(["zone", "table"]),
    st.sampled_from(["SELECT", "DESCRIBE", "DROP"]),
    st.booleans(),
)


@given(st.lists(GRANTS), st.lists(GRANTS))
def test_without_all_what_is_found_is_the_difference(present, declared):
    assert undeclared(present, declared) == sorted(set(present) - set(declared))
