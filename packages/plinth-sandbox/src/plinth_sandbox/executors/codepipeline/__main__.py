"""``python -m plinth_sandbox.executors.codepipeline``: reads one source, described by JSON on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from plinth_sandbox.executors import session
from plinth_sandbox.executors.codepipeline.codecommit import read_commit
from plinth_sandbox.executors.codepipeline.found_source import FoundSource, SourceFailedError
from plinth_sandbox.executors.codepipeline.s3 import read_object
from plinth_sandbox.executors.job_input import read_job_input

_FAILURE_FILE = Path("failure.txt")
_READERS = {"CodeCommit": read_commit, "S3": read_object}


def _store(run: dict[str, Any], found: FoundSource) -> None:
    key = run["encryption_key"]
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
    boto3.client("s3").put_object(Bucket=run["bucket"], Key=run["key"], Body=found.content, **encryption)


def main() -> None:
    run = read_job_input()
    try:
        session.take(run["role"], "CodePipeline", source_arn=run["pipeline"])
        if run["then"]:
            session.take(run["then"], "CodePipeline")
        found = _READERS[run["provider"]](run["configuration"], run["overrides"])
        _store(run, found)
    except SourceFailedError as error:
        _FAILURE_FILE.write_text(f"{error.code}: {error}")
        sys.exit(1)
    except ClientError as error:
        code = str(error.response["Error"].get("Code", ""))
        is_denied = "AccessDenied" in code or "NotAuthorized" in code or code == "403"
        _FAILURE_FILE.write_text(f"{'PermissionError' if is_denied else 'ConfigurationError'}: {error}")
        sys.exit(1)
    except BotoCoreError as error:
        _FAILURE_FILE.write_text(f"ServiceError: {error}")
        sys.exit(1)
    left = {
        "revision": found.revision,
        "summary": found.summary,
        "created": found.created,
        "variables": dict(found.variables),
    }
    Path("left.json").write_text(json.dumps(left))


if __name__ == "__main__":
    main()
