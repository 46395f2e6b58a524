"""Refuses operations that moto answers without performing them, with a success or a result that it makes up.

The list was compiled from moto 5.2.5: operations that start work or return its results, and that neither moto nor the
sandbox performs. The resources that such work belongs to can be created.
"""

from __future__ import annotations

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.layers.layer import Handler
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer

UNPERFORMED: dict[str, frozenset[str]] = {
    service: frozenset(operations.split())
    for service, operations in {
        "athena": "GetQueryRuntimeStatistics",
        "autoscaling": "ExecutePolicy",
        "batch": "SubmitJob",
        "bedrock": "CreateModelCustomizationJob",
        "bedrock-runtime": "InvokeModel",
        "ce": "GetCostAndUsage",
        "codepipeline": "StartPipelineExecution",
        "comprehend": "DetectKeyPhrases DetectPiiEntities DetectSentiment StartDocumentClassificationJob "
        "StartDominantLanguageDetectionJob StartEntitiesDetectionJob StartEventsDetectionJob StartFlywheelIteration "
        "StartKeyPhrasesDetectionJob StartPiiEntitiesDetectionJob StartSentimentDetectionJob "
        "StartTargetedSentimentDetectionJob StartTopicsDetectionJob",
        "config": "SelectResourceConfig",
        "datasync": "StartTaskExecution",
        "dms": "StartReplicationTask TestConnection",
        "ecr": "DescribeImageScanFindings StartImageScan",
        "ecs": "RunTask StartTask",
        "emr": "AddJobFlowSteps RunJobFlow",
        "emr-containers": "StartJobRun",
        "emr-serverless": "StartJobRun",
        "events": "StartReplay",
        "fis": "StartExperiment",
        "glue": "StartCrawler StartWorkflowRun",
        "lambda": "InvokeAsync",
        "rds-data": "ExecuteStatement",
        "redshift-data": "ExecuteStatement",
        "rekognition": "CompareFaces DetectCustomLabels DetectLabels DetectText StartFaceSearch StartTextDetection",
        "sagemaker": "CreateCompilationJob",
        "sagemaker-runtime": "InvokeEndpointWithResponseStream",
        "ses": "SendBulkTemplatedEmail SendEmail SendRawEmail SendTemplatedEmail",
        "sesv2": "SendEmail",
        "ssm": "SendCommand",
        "sts": "GetFederationToken GetSessionToken",
        "stepfunctions": "StartExecution StartSyncExecution TestState",
        "textract": "DetectDocumentText StartDocumentAnalysis StartDocumentTextDetection",
        "timestream-query": "Query",
        "transcribe": "StartMedicalTranscriptionJob StartTranscriptionJob",
    }.items()
}


class Unperformed:
    """The layer directly above moto. Patches and executors, which perform some of these operations, are above it."""

    def answer(self, call: Call, below: Handler) -> Answer:
        if call.name in UNPERFORMED.get(call.service, ()) or _discovers_endpoints(call):
            raise NotEmulatedError(f"{call.service} {call.name}")
        return below(call)


def _discovers_endpoints(call: Call) -> bool:
    """Returns whether the answer tells clients a host to which they send what follows. moto names hosts of AWS, so
    their requests would leave the machine."""
    return call.operation is not None and bool(call.operation.is_endpoint_discovery_operation)
