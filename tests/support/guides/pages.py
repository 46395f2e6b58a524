"""Which pages contain commands, on which sandbox each is followed, and which commands are not run, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLE = (
    "README.md",
    "docs/architecture.md",
    "docs/guides/first-run.md",
    "docs/guides/first-dataset.md",
    "docs/guides/data-lake.md",
    "docs/guides/feature-store.md",
    "docs/guides/studio.md",
    "docs/guides/policies.md",
    "docs/guides/use-case.md",
)
"""Pages that are followed on the example organization."""
OWN_ORGANIZATION = (
    "docs/guides/own-organization.md",
    "docs/guides/configuration.md",
    "docs/guides/pull-requests.md",
    "docs/guides/command-line.md",
    "docs/guides/sandbox.md",
)
"""Pages that are followed one after the other on the organization that the first of them founds."""
GROWING = ("docs/guides/growing.md",)
"""Pages that are followed on the small example."""
CLUSTER = ("docs/guides/kubernetes.md",)
"""Pages that are followed on the example with a cluster."""

_MEASURES = "measures for minutes; `make bench` and `make kills` are no tests"
_QUOTAS = "asks for instances of AWS; packages/plinth-sandbox/tests/patches/test_quotas.py makes such requests"
_PLACEHOLDER = "names an identifier that only AWS or the reader knows"
_LEAD = "needs the credentials of a lead data scientist; tests/engine/main_job/test_requests.py runs it with them"
_PLATFORM = (
    "needs the credentials of two people of the platform team; tests/engine/test_team_requests.py runs it with them"
)
_OPERATOR = "needs a promotion pipeline; tests/unit/selfservice/promotions runs it with one"
_PROMOTED = "needs a promotion; tests/engine/main_job/test_use_case_promotion.py runs it"
_STUDIO = "needs a terminal of Studio; tests/engine/main_job/test_studio_push.py clones and pushes in one"
_TESTS = "runs tests or generators, which `make test` runs itself"
_NODE = "needs a sandbox with a node; packages/plinth-sandbox/tests/clusters/test_pods.py runs pods on one"
_REMOTE = "needs a cluster with a node; tests/engine/tooling/test_stack_jobs.py runs operations on one"
_PORTAL = "needs the platform team in browsers; tests/engine/portal runs it with them"
_WRAPPER = "runs commands of `plinth` that this test runs, after setting up the machine"

NOT_RUN: Mapping[tuple[str, str], str] = {
    ("CONTRIBUTING.md", "make"): _TESTS,
    ("CONTRIBUTING.md", "pytest"): _TESTS,
    ("CONTRIBUTING.md", "source .venv/bin/activate"): "prepares the commands below it, none of which is run",
    ("README.md", "make test"): _TESTS,
    ("README.md", "make up"): _WRAPPER,
    ("docs/benchmarks.md", ".venv/bin/python -m benchmarks"): _MEASURES,
    ("docs/benchmarks.md", ".venv/bin/python -m tests.access"): _TESTS,
    ("docs/benchmarks.md", "make"): _MEASURES,
    ("docs/guides/access.md", ".venv/bin/python -m tests.access"): _TESTS,
    ("docs/guides/access.md", "make access"): _TESTS,
    ("docs/guides/command-line.md", "plinth affected"): "compares with a branch of the reader's git remote",
    ("docs/guides/command-line.md", "plinth completion fish"): "is for the shell fish, and bash runs this test",
    ("docs/guides/command-line.md", "plinth up fraud-production"): "needs a person at a terminal who presses Ctrl-C",
    ("docs/guides/command-line.md", "plinth upgrade --team churn --team fraud"): "updates nothing here; "
    "tests/engine/test_team_requests.py upgrades a team",
    ("docs/guides/data-api.md", "aws apigateway get-export"): _PLACEHOLDER,
    ("docs/guides/first-run.md", "git clone"): "downloads the repository that contains this test",
    ("docs/guides/first-run.md", "make down"): _WRAPPER,
    ("docs/guides/first-run.md", "make up"): _WRAPPER,
    ("docs/guides/first-run.md", "plinth sandbox reset"): "deletes the sandbox of other tests; sandbox.md runs it",
    ("docs/guides/integration.md", "aws stepfunctions start-execution"): _PLACEHOLDER,
    ("docs/guides/kubernetes.md", "make up-kubernetes"): _WRAPPER,
    ("docs/guides/kubernetes.md", "source .venv/bin/activate"): "prepares a shell, which the test has",
    ("docs/guides/kubernetes.md", 'eval "$(plinth sandbox env)"'): "connects a shell, which the test has connected",
    ("docs/guides/kubernetes.md", "cd .sandbox/example"): "goes to the project directory, in which the test is",
    ("docs/guides/kubernetes.md", "aws eks update-kubeconfig"): "needs a sandbox with Kubernetes; "
    "packages/plinth-sandbox/tests/clusters/test_eks.py runs it with one",
    ("docs/guides/kubernetes.md", "aws rds"): "needs a tracking server; "
    "tests/engine/test_database_restore.py creates and restores a snapshot",
    ("docs/guides/kubernetes.md", "plinth preview --team fraud --remote"): _REMOTE,
    ("docs/guides/kubernetes.md", "plinth requests run --remote"): "needs a sandbox with a node and a request; "
    "tests/engine/tooling/test_request_jobs.py runs it with both",
    ("docs/guides/kubernetes.md", "export MLFLOW_TRACKING"): "needs a pod of the cluster; "
    "tests/unit/runtime/test_tracking_server.py makes such a token",
    ("docs/guides/studio.md", "pip install mlflow"): "needs an app of Studio; "
    "tests/unit/runtime/test_tracking_server.py logs with both packages",
    ("docs/guides/audit.md", "plinth audit"): "needs the credentials of an auditor and a recorded trail; "
    "tests/unit/selfservice/portal/test_audit_questions.py runs it with both",
    ("docs/guides/cost.md", "plinth cost --use-case"): _PROMOTED,
    ("docs/guides/tooling.md", "plinth packages allow"): "needs other settings of the organization; "
    "tests/engine/example/test_reviewed_packages.py runs it with them",
    ("docs/guides/tooling.md", "plinth usecase list"): "lists the example organization; "
    "tests/unit/selfservice/reports/test_use_cases.py searches it, and "
    "tests/engine/main_job/test_use_case_promotion.py reads stages",
    ("docs/guides/sandbox.md", "plinth sandbox charge"): "needs a bill; "
    "tests/engine/main_job/test_use_case_promotion.py runs it with one",
    ("docs/guides/monitoring.md", 'eval "$(plinth sandbox env --'): _PLACEHOLDER,
    ("docs/guides/monitoring.md", "aws cloudwatch list-metrics"): _PROMOTED,
    ("docs/guides/monitoring.md", "plinth monitor"): _PROMOTED,
    ("docs/guides/monitoring.md", "plinth ground-truth"): _PROMOTED,
    ("docs/guides/monitoring.md", "plinth curate"): "needs a promotion; "
    "tests/engine/main_job/continued/test_use_case_fairness.py runs it",
    ("docs/guides/monitoring.md", "plinth switch"): "needs a promotion; "
    "tests/engine/main_job/continued/test_use_case_switch.py runs it",
    ("docs/guides/network.md", "pytest"): _TESTS,
    ("docs/guides/on-aws.md", "aws service-quotas list-service-quotas"): _QUOTAS,
    ("docs/guides/on-aws.md", "aws service-quotas request-service-quota-increase"): _QUOTAS,
    ("docs/guides/on-aws.md", "plinth doctor --quotas"): "shows an account that others have used; "
    "tests/engine/test_growth.py runs it with one",
    ("docs/guides/on-aws.md", "export PULUMI_BACKEND_URL"): "names a bucket of the reader; "
    "tests/engine/test_state_in_s3.py runs commands with an emulated one",
    ("docs/guides/policies.md", "make reference"): _TESTS,
    ("docs/guides/policies.md", "plinth preview fraud-development"): "shows a fault in the program; "
    "tests/policies/test_real_preview.py plants one for each rule",
    ("docs/guides/policies.md", "pytest"): _TESTS,
    ("docs/guides/sandbox.md", "aws codepipeline"): _PLACEHOLDER,
    ("docs/guides/sandbox.md", "aws eks update-kubeconfig"): _PLACEHOLDER,
    ("docs/guides/sandbox.md", "curl --output keys.json"): "downloads from GitHub; the test writes its own key set",
    ("docs/guides/sandbox.md", "make kubernetes"): "builds for minutes; `make test-all` runs it first",
    ("docs/guides/sandbox.md", "make up-kubernetes"): _WRAPPER,
    ("docs/guides/sandbox.md", "plinth sandbox up --kubernetes"): "keeps its choice for the tests that follow; "
    "packages/plinth-sandbox/tests/lifecycle/test_lifecycle.py starts it",
    ("docs/guides/sandbox.md", "plinth sandbox up --nodes"): _NODE,
    ("docs/guides/sandbox.md", "plinth sandbox push"): _NODE,
    ("docs/guides/sandbox.md", "kubectl"): _NODE,
    ("docs/guides/sandbox.md", "pytest"): _TESTS,
    ("docs/guides/sandbox.md", "python -m plinth_sandbox.provider.schema"): _TESTS,
    ("docs/guides/portal.md", "plinth portal"): _PORTAL,
    ("docs/guides/portal.md", "plinth sandbox up"): _PORTAL,
    ("docs/guides/portal.md", "plinth sandbox user"): _PORTAL,
    ("docs/guides/serving.md", "KEY=$(aws"): _PLACEHOLDER,
    ("docs/guides/serving.md", "aws events put-events"): _PLACEHOLDER,
    ("docs/guides/serving.md", "aws s3"): _PLACEHOLDER,
    ("docs/guides/serving.md", "aws sqs receive-message"): _PLACEHOLDER,
    ("docs/guides/serving.md", "aws sagemaker"): _PLACEHOLDER,
    ("docs/guides/serving.md", "cd scoring-deployment"): "prepares the commands below it, none of which is run",
    ("docs/guides/serving.md", "curl"): _PLACEHOLDER,
    ("docs/guides/serving.md", "plinth predict"): _PROMOTED,
    ("docs/guides/serving.md", "plinth usecase create"): "needs a dataset of results; "
    "tests/engine/main_job/continued/test_use_case_batch.py runs it with one",
    ("docs/guides/serving.md", "pulumi"): _PLACEHOLDER,
    ("docs/guides/spark.md", "aws emr-serverless start-job-run"): _PLACEHOLDER,
    ("docs/guides/studio.md", "aws sagemaker create-presigned-domain-url"): _PLACEHOLDER,
    ("docs/guides/studio.md", "aws sagemaker list-apps"): _PLACEHOLDER,
    ("docs/guides/studio.md", "aws --profile"): _STUDIO,
    ("docs/guides/studio.md", "cd fraud--scoring-build"): _STUDIO,
    ("docs/guides/studio.md", "git"): _STUDIO,
    ("docs/guides/team-requests.md", "plinth catalog"): _PLATFORM,
    ("docs/guides/team-requests.md", "plinth lineage"): _PLATFORM,
    ("docs/guides/team-requests.md", "plinth requests"): _PLATFORM,
    ("docs/guides/team-requests.md", "plinth team decommission"): _PLATFORM,
    ("docs/guides/team-requests.md", "plinth team request"): _PLATFORM,
    ("docs/guides/use-case.md", "git"): "commits to the reader's clone; "
    "tests/engine/example/test_a_persons_path.py commits such a change",
    ("docs/guides/use-case.md", "plinth builds fraud--scoring --retry"): "needs a failed build; "
    "tests/unit/selfservice/reports/test_delivery.py runs it with one",
    ("docs/guides/use-case.md", "plinth requests list --team"): _LEAD,
    ("docs/guides/use-case.md", "plinth requests run --watch"): "runs until somebody stops it",
    ("docs/guides/use-case.md", "plinth train"): "needs a session in the tooling account; "
    "tests/engine/main_job/continued/test_use_case_training.py runs it in one",
    ("docs/guides/use-case.md", "plinth usecase request"): _LEAD,
    ("docs/guides/use-case.md", "uv pip"): "needs a newer version of the library; "
    "tests/templates/test_library_upgrade.py locks and installs one",
    ("docs/guides/tooling.md", 'eval "$(plinth sandbox env --'): _PLACEHOLDER,
    ("docs/guides/tooling.md", "plinth approve"): _PROMOTED,
    ("docs/guides/tooling.md", "plinth promote"): _OPERATOR,
    ("docs/guides/tooling.md", "plinth rollback"): _OPERATOR,
    ("docs/guides/tooling.md", "plinth usecase retire"): "needs a released model; "
    "tests/engine/main_job/continued/test_use_case_retirement.py runs it with one",
}
"""Beginnings of commands that no test runs, by page, with the reason. A command of a page is here, or it is run."""


def reason_not_to_run(page: str, command: str) -> str | None:
    """Returns why a command of a page is not run; None if it is run."""
    reasons = (why for (of, start), why in NOT_RUN.items() if of == page and command.startswith(start))
    return next(reasons, None)
