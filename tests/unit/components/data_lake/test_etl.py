import json

import pytest

from components.data_lake.etl.etl_job import EtlJob, EtlJobArgs
from components.data_lake.etl.etl_permissions import EtlScope
from components.data_lake.etl.etl_start import EtlStart, EtlStartArgs
from components.data_lake.etl.failed_runs import FailedRuns, FailedRunsArgs
from components.data_lake.etl.glue_runtime import GlueRuntime, GlueRuntimeArgs
from components.data_lake.etl.landing_crawler import LandingCrawler, LandingCrawlerArgs
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from settings.data.dataset import Column, Dataset
from settings.data.etl import EtlUnit
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, ORGANIZATION, REGION

JOB = "aws:glue/job:Job"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
TRIGGER = "aws:glue/trigger:Trigger"
POLICY = "aws:iam/rolePolicy:RolePolicy"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
GRANT = "aws:lakeformation/permissions:Permissions"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:lake-dead-letters"
LANDING, RAW, CURATED = "acme-lake-landing", "acme-lake-raw", "acme-lake-curated"
SCOPE = EtlScope(
    account_id=ACCOUNT,
    region=REGION,
    key_arn=KEY,
    source_arns=[f"arn:aws:s3:::{LANDING}", f"arn:aws:s3:::{RAW}"],
    sources=["cards", "bank/decisions"],
)


def unit(**changes):
    return EtlUnit(**{"script": "etl/cards.py", "sources": SCOPE.sources, **changes})


def dataset(**changes):
    given = {"name": "cards", "owner": "data@acme.example", "classification": "internal"}
    return Dataset(**given, columns=(Column(name="amount", type="double"),), etl=unit(**changes))


def job(script="print(1)", library=None, **changes):
    made = dataset(**changes)
    args = EtlJobArgs(
        dataset=made,
        unit=made.etl,
        script=script,
        library=library or {},
        scope=SCOPE,
        script_bucket="acme-etl-scripts",
        zone_buckets=[RAW, CURATED],
        locations={part: f"s3://{CURATED}/cards/{part}/" for part in made.parts},
        source_buckets=[LANDING, RAW],
        databases={part: part for part in made.parts},
        security_configuration="data-lake",
        connections=["data-lake-network-1", "data-lake-network-2"],
        boundary_arn=BOUNDARY,
    )
    return EtlJob("etl", args)


def crawler():
    args = LandingCrawlerArgs(
        dataset=dataset(crawl=True),
        sources=SCOPE.sources,
        scope=SCOPE,
        landing_bucket=LANDING,
        security_configuration="data-lake",
        connection="data-lake-network-1",
        boundary_arn=BOUNDARY,
    )
    return LandingCrawler("crawler", args)


def start(*, job_name="lake-cards", crawler_name=None, **changes):
    args = EtlStartArgs(
        dataset="cards",
        unit=unit(**changes),
        account_id=ACCOUNT,
        landing_bucket=LANDING,
        job_name=job_name,
        crawler_name=crawler_name,
        dead_letter_queue_arn=QUEUE,
        boundary_arn=BOUNDARY,
    )
    return EtlStart("start", args)


def runtime():
    args = GlueRuntimeArgs(label="data-lake", key_arn=KEY, subnet_ids=["subnet-1", "subnet-2"], security_group_id="sg")
    return GlueRuntime("glue", args)


def queue():
    args = DeadLetterQueueArgs(
        queue_name="lake-dead-letters",
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        region=REGION,
        rules="lake-*",
        key_arn=KEY,
    )
    return DeadLetterQueue("dead-letters", args)


@pytest.mark.requirement("DL-02.a")
def test_a_script_is_stored_under_its_content_hash_and_the_job_runs_it():
    first, second = deploy(job), deploy(lambda: job("print(2)"))
    keys = [recorder.one(OBJECT).inputs["key"] for recorder in (first, second)]
    assert len(set(keys)) == 2
    assert all(key.startswith("cards/") for key in keys)
    scripts = [recorder.one(JOB).inputs["command"]["scriptLocation"] for recorder in (first, second)]
    assert scripts == [f"s3://acme-etl-scripts/{key}" for key in keys]
    assert first.one(JOB).urn == second.one(JOB).urn


@pytest.mark.requirement("DL-02.a")
def test_a_script_imports_its_modules_and_its_role_may_read_them():
    first, second = (deploy(lambda text=text: job(library={"shared": text, "more": "a"})) for text in ("b", "c"))
    files = [
        recorder.one(JOB).inputs["defaultArguments"]["--extra-py-files"].split(",") for recorder in (first, second)
    ]
    assert [file.rpartition("/")[2] for file in files[0]] == ["more.py", "shared.py"]
    # A changed text is a new object.
    assert (files[0][0] == files[1][0], files[0][1] == files[1][1]) == (True, False)
    uploaded = {f"s3://acme-etl-scripts/{record.inputs['key']}" for record in first.all(OBJECT)}
    assert set(files[0]) < uploaded
    assert statements(first.one(POLICY))["ReadItsScript"]["Resource"] == "arn:aws:s3:::acme-etl-scripts/cards/*"
    assert all(file.startswith("s3://acme-etl-scripts/cards/") for file in files[0])


def test_a_job_without_modules_uploads_none():
    assert "--extra-py-files" not in deploy(job).one(JOB).inputs["defaultArguments"]


@pytest.mark.requirement("DL-02.b")
def test_a_job_joins_several_sources_into_the_parts_of_one_dataset():
    arguments = deploy(job).one(JOB).inputs["defaultArguments"]
    folders = [f"s3://{bucket}/{source}/" for bucket in (LANDING, RAW) for source in SCOPE.sources]
    assert arguments["--sources"].split(",") == folders
    assert arguments["--historical"] == f"s3://{CURATED}/cards/historical/"
    assert arguments["--inference"] == f"s3://{CURATED}/cards/inference/"
    assert arguments["--job-bookmark-option"] == "job-bookmark-enable"


def test_a_job_runs_encrypted_inside_the_network_and_ends():
    inputs = deploy(lambda: job(timeout_minutes=30, workers=5)).one(JOB).inputs
    assert inputs["securityConfiguration"] == "data-lake"
    assert inputs["connections"] == ["data-lake-network-1", "data-lake-network-2"]
    assert (inputs["timeout"], inputs["numberOfWorkers"], inputs["glueVersion"]) == (30, 5, "5.0")
    assert inputs["jobRunQueuingEnabled"] is True


def test_a_job_reads_its_sources_and_writes_its_own_folder():
    allowed = statements(deploy(job).one(POLICY))
    objects = {sid: as_list(s["Resource"]) for sid, s in allowed.items() if "s3:GetObject" in as_list(s["Action"])}
    assert set(objects["ReadSources"]) == {
        f"arn:aws:s3:::{bucket}/{source}/*" for bucket in (LANDING, RAW) for source in SCOPE.sources
    }
    writing = {s["Sid"]: as_list(s["Resource"]) for s in allowed.values() if "s3:PutObject" in as_list(s["Action"])}
    assert writing == {"WriteTheDataset": [f"arn:aws:s3:::{RAW}/cards/*", f"arn:aws:s3:::{CURATED}/cards/*"]}
    assert objects["ReadItsScript"] == ["arn:aws:s3:::acme-etl-scripts/cards/*"]


def test_a_job_may_list_only_its_own_folders():
    allowed = statements(deploy(job).one(POLICY))
    for statement in allowed.values():
        if "s3:ListBucket" in as_list(statement["Action"]):
            assert "s3:prefix" in statement["Condition"]["StringLikeIfExists"]


def test_the_role_of_a_job_has_the_boundary_and_trusts_glue_for_this_account_only():
    role = deploy(job).one("aws:iam/role:Role")
    assert role.inputs["permissionsBoundary"] == BOUNDARY
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "glue.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_a_job_is_granted_partitions_of_its_tables_and_its_folder_only():
    grants = deploy(job).all(GRANT)
    tables = {(g.inputs["table"]["databaseName"], g.inputs["table"]["name"]) for g in grants if "table" in g.inputs}
    assert tables == {("historical", "cards"), ("inference", "cards")}
    (place,) = [g.inputs["dataLocation"]["arn"] for g in grants if "dataLocation" in g.inputs]
    assert place == f"arn:aws:s3:::{CURATED}/cards"
    assert not {"SELECT", "DROP", "DELETE", "ALL"} & {p for g in grants for p in g.inputs["permissions"]}


@pytest.mark.requirement("DL-01")
def test_a_crawler_catalogs_landing_folders_in_a_database_of_their_own():
    recorder = deploy(crawler)
    inputs = recorder.one("aws:glue/crawler:Crawler").inputs
    assert [target["path"] for target in inputs["s3Targets"]] == [f"s3://{LANDING}/{s}/" for s in SCOPE.sources]
    assert {target["connectionName"] for target in inputs["s3Targets"]} == {"data-lake-network-1"}
    assert inputs["databaseName"] == "landing_cards"
    assert inputs["schemaChangePolicy"]["deleteBehavior"] == "LOG"
    grant = recorder.one(GRANT).inputs
    assert (grant["database"]["name"], grant["permissions"]) == ("landing_cards", ["ALTER", "CREATE_TABLE", "DESCRIBE"])
    writing = [s for s in statements(recorder.one(POLICY)).values() if "s3:PutObject" in as_list(s["Action"])]
    assert writing == []


@pytest.mark.requirement("DL-01")
def test_arriving_data_starts_the_workflow_and_undeliverable_events_go_to_the_dead_letter_queue():
    recorder = deploy(start)
    pattern = json.loads(recorder.one(RULE).inputs["eventPattern"])
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"] == {
        "bucket": {"name": [LANDING]},
        "object": {"key": [{"prefix": "cards/"}, {"prefix": "bank/decisions/"}]},
    }
    target = recorder.one(TARGET).inputs
    assert target["arn"] == recorder.one("aws:glue/workflow:Workflow").computed["arn"]
    assert target["deadLetterConfig"] == {"arn": QUEUE}
    assert recorder.one(TRIGGER).urn in recorder.one(TARGET).dependencies
    (statement,) = statements(recorder.one(POLICY)).values()
    assert (statement["Action"], statement["Resource"]) == ("glue:NotifyEvent", target["arn"])


def test_only_the_rule_may_use_the_role_that_starts_the_workflow():
    recorder = deploy(start)
    trust = json.loads(recorder.one("aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": recorder.one(RULE).computed["arn"]}


def test_objects_that_arrive_together_start_one_run():
    trigger = deploy(lambda: start(batch_size=7, batch_window_seconds=120)).one(TRIGGER).inputs
    assert trigger["type"] == "EVENT"
    assert trigger["eventBatchingConditions"] == [{"batchSize": 7, "batchWindow": 120}]
    assert trigger["actions"] == [{"jobName": "lake-cards"}]


def test_the_job_starts_only_after_the_crawler_succeeded():
    triggers = {t.inputs["type"]: t.inputs for t in deploy(lambda: start(crawler_name="lake-cards")).all(TRIGGER)}
    assert triggers["EVENT"]["actions"] == [{"crawlerName": "lake-cards"}]
    assert triggers["CONDITIONAL"]["actions"] == [{"jobName": "lake-cards"}]
    (condition,) = triggers["CONDITIONAL"]["predicate"]["conditions"]
    assert (condition["crawlerName"], condition["crawlState"]) == ("lake-cards", "SUCCEEDED")


def test_a_dataset_with_only_a_crawler_starts_no_job():
    recorder = deploy(lambda: start(script=None, crawl=True, job_name=None, crawler_name="lake-cards"))
    assert [t.inputs["actions"] for t in recorder.all(TRIGGER)] == [[{"crawlerName": "lake-cards"}]]


def test_without_arrivals_only_the_schedule_starts_the_workflow():
    recorder = deploy(lambda: start(on_arrival=False, schedule="cron(0 3 * * ? *)"))
    assert not recorder.all(RULE)
    trigger = recorder.one(TRIGGER).inputs
    assert (trigger["type"], trigger["schedule"]) == ("SCHEDULED", "cron(0 3 * * ? *)")


def test_jobs_have_a_connection_per_subnet_and_encrypt_everything():
    recorder = deploy(runtime)
    places = [c.inputs["physicalConnectionRequirements"] for c in recorder.all("aws:glue/connection:Connection")]
    assert [place["subnetId"] for place in places] == ["subnet-1", "subnet-2"]
    configuration = recorder.one("aws:glue/securityConfiguration:SecurityConfiguration").inputs
    assert {part["kmsKeyArn"] for part in configuration["encryptionConfiguration"].values()} == {KEY}


@pytest.mark.requirement("INT-09.b")
def test_the_dead_letter_queue_is_encrypted_and_accepts_only_matching_rules():
    recorder = deploy(queue)
    inputs = recorder.one("aws:sqs/queue:Queue").inputs
    assert (inputs["kmsMasterKeyId"], inputs["messageRetentionSeconds"]) == (KEY, 1_209_600)
    policy = statements(recorder.one("aws:sqs/queuePolicy:QueuePolicy"))
    allowing = [s for s in policy.values() if s["Effect"] == "Allow"]
    assert [(s["Principal"], s["Action"]) for s in allowing] == [
        ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    ]
    assert allowing[0]["Condition"] == {
        "ArnLike": {"aws:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/lake-*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_failed_runs_are_sent_to_the_queue():
    recorder = deploy(lambda: FailedRuns("failed", FailedRunsArgs(queue_arn=QUEUE)))
    told = [json.loads(rule.inputs["eventPattern"]) for rule in recorder.all(RULE)]
    states = {pattern["detail-type"][0]: pattern["detail"]["state"] for pattern in told}
    assert states == {
        "Glue Job State Change": ["ERROR", "FAILED", "TIMEOUT"],
        "Glue Crawler State Change": ["Failed"],
    }
    assert {target.inputs["arn"] for target in recorder.all(TARGET)} == {QUEUE}


@pytest.mark.parametrize("component", [job, crawler, start, runtime, queue])
def test_a_preview_shows_the_resources_of_the_deployment(component):
    assert {r.urn for r in deploy(component, preview=True)} == {r.urn for r in deploy(component)}


@pytest.mark.requirement("FS-03.a")
def test_a_job_may_write_only_its_configured_feature_groups():
    recorder = deploy(lambda: job(fills=["card-activity"]))
    statement = statements(recorder.one(POLICY))["FillFeatures"]
    assert statement["Action"] == "sagemaker:PutRecord"
    assert statement["Resource"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/card-activity"
    assert statement["Condition"] == {"Null": {"aws:SourceVpce": "false"}}
    assert recorder.one(JOB).inputs["defaultArguments"]["--features"] == "card-activity"


def test_a_job_without_feature_groups_gets_no_argument_and_no_permission():
    recorder = deploy(job)
    assert "--features" not in recorder.one(JOB).inputs["defaultArguments"]
    assert "sagemaker:PutRecord" not in recorder.one(POLICY).inputs["policy"]
