"""Pages about the lineage of versions and endpoints, for people whose permission sets show different parts of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.selfservice.portal.delivery_site import Delivery, DeliverySite, package
from tests.unit.selfservice.portal.test_use_cases import PAGE, section
from tests.unit.selfservice.promotions.site import GROUP

ENDPOINT = "fraud--scoring-online"
ORIGIN = {
    "build_id": "20260621T101500-1a2b3c4",
    "commit": "1a2b3c4d5e6f",
    "execution": "run-7",
    "data_source": "athena historical.card_payments",
    "parameters": "epochs=7",
    "f1": "0.9",
}


@pytest.fixture(scope="module")
def served(delivery_site: DeliverySite) -> Iterator[int]:
    """Serves a version in production, which its promotion has deployed. Returns its number."""
    site = delivery_site
    sagemaker, number = site.aws.client("sagemaker", site.production), site.version(ORIGIN, "Approved")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{site.production}:root"},
        "Action": ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"],
        "Resource": package(number).replace(f"/{number}", "/*"),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    site.sagemaker.put_model_package_group_policy(ModelPackageGroupName=GROUP, ResourcePolicy=policy)
    sagemaker.create_model(
        ModelName=ENDPOINT,
        PrimaryContainer={"ModelPackageName": package(number)},
        ExecutionRoleArn=site.aws.role("server", "sagemaker", site.production),
    )
    variant = {"VariantName": "main", "ModelName": ENDPOINT, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
    execution, _ = site.waits(number)
    site.robust(execution, "production", number)
    yield number
    site.stop(execution)
    site.sagemaker.delete_model_package_group_policy(ModelPackageGroupName=GROUP)


@pytest.mark.requirement("AUD-02.a", "AUD-02.c")
def test_a_version_and_an_endpoint_lead_to_each_other_and_to_build_data_and_promotion(
    delivery: Delivery, served: int
) -> None:
    erin, version = delivery.signed_in("erin"), f"{PAGE}/versions/{GROUP}/{served}"
    page = erin.get(PAGE).text
    assert f'href="{version}"' in section(page, "versions")
    endpoints = section(page, "endpoints")
    assert f'href="{PAGE}/endpoints/{ENDPOINT}"' in endpoints
    assert f"serves {GROUP}/{served}" in endpoints
    assert 'href="#monitoring-production"' in endpoints
    assert 'id="monitoring-production"' in page
    assert "in the account acme-fraud-preproduction" in endpoints
    for path, command in ((version, f"{GROUP}/{served}"), (f"{PAGE}/endpoints/{ENDPOINT}", ENDPOINT)):
        found = erin.get(path).text
        assert f"plinth lineage {command}" in found, path
        for link in ("/data/card-payments", f"{PAGE}#builds", f"{PAGE}#promotions", version, f"{PAGE}#runs"):
            assert f'href="{link}"' in found, (path, link)
        assert f'href="{PAGE}/endpoints/{ENDPOINT}"' in found, path
        rows = section(found, "lineage")
        assert f"<td>commit {ORIGIN['commit']}</td><td>nothing here</td><td>build {ORIGIN['build_id']}</td>" in rows
        assert "You do not see endpoints in preproduction" in rows
        assert rows.count("<rect") == rows.count("<tr>") - 1
        assert "epochs=7" in found, path


def test_what_a_permission_set_does_not_show_is_told(delivery: Delivery, served: int) -> None:
    version = f"{PAGE}/versions/{GROUP}/{served}"
    ben = section(delivery.signed_in("ben").get(version).text, "lineage")
    assert "You do not see endpoints in production: ben needs the permission set MLOpsEngineer-environments" in ben
    assert "promotion " in ben
    gina = delivery.signed_in("gina").get(version).text
    assert "gina needs the permission set" in gina
    assert ORIGIN["build_id"] not in gina
    olga = delivery.signed_in("olga").get(version).text
    assert "is not authorized to perform" in olga
    assert ORIGIN["build_id"] not in olga


def test_what_does_not_exist_says_so(delivery: Delivery) -> None:
    erin = delivery.signed_in("erin")
    assert "has no version 99999" in erin.get(f"{PAGE}/versions/{GROUP}/99999").text
    other = erin.get(f"{PAGE}/versions/churn--loyalty-main/1")
    assert (other.status_code, "does not belong to fraud--scoring" in other.text) == (404, True)
    for path in (f"{PAGE}/versions/{GROUP}/moon", "/use-cases/moon--x/endpoints/y"):
        assert erin.get(path).status_code == 404, path
    hostile = erin.get(f"{PAGE}/endpoints/<script>alert(1)").text
    assert "&lt;script&gt;alert" in hostile
    assert "<script>alert" not in hostile
