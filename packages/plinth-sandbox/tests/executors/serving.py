"""An account with models, and a Python environment whose program ``serve`` answers with them."""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually

IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/served/scores:1"
ROLE = "served-model"
JSON = "application/json"
MARK = "OF_SANDBOX"
"""Variable of containers by which tests recognize them."""
SERVE = """
import json, os, socket, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

folder = os.environ.get("SM_MODEL_DIR")
model = json.loads((Path(folder) / "model.json").read_text()) if folder else {"factor": 1}
print("model", model, flush=True)
if model.get("fails"):
    sys.exit("the model does not load")

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        proposed = json.dumps(model.get("parameters", "")) if self.path == "/execution-parameters" else ""
        self.answer(200, proposed.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if body == b"end":
            os._exit(1)
        if body == b"connect":
            try:
                socket.create_connection(("127.0.0.1", int(os.environ["OUTSIDE"])), timeout=5).close()
                self.answer(200, b"connected")
            except OSError:
                self.answer(200, b"isolated")
        elif "status" in model:
            self.answer(model["status"], b"broken")
        elif body == b"who":
            self.answer(200, os.environ.get("AWS_ACCESS_KEY_ID", "nobody").encode())
        elif body.startswith(b"status"):
            self.answer(int(body.split()[1]), b"told so")
        elif self.headers["Content-Type"] == "text/csv":
            rows = [sum(map(float, line.split(","))) for line in body.decode().split("\\n")]
            print(f"rows {len(rows)} batch {os.environ.get('SAGEMAKER_BATCH')}\\n", end="", flush=True)
            self.answer(200, "\\n".join(f"{row * model['factor']:g}" for row in rows).encode())
        elif self.headers["Content-Type"] == "application/jsonlines":
            values = [json.loads(line) for line in body.split(b"\\n")]
            self.answer(200, "\\n".join(json.dumps({"score": number * model["factor"]}) for number in values).encode())
        else:
            value = json.loads(body) * model["factor"]
            if not isinstance(value, list):
                self.answer(200, json.dumps(value).encode())
            else:
                self.answer(200, b"x" * len(value))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", self.headers.get("Accept") or "application/json")
        attributes = self.headers.get("X-Amzn-SageMaker-Custom-Attributes")
        if attributes:
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", attributes + " heard")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("0.0.0.0", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
"""A model that multiplies a number."""


def name_image(aws: EmulatedAws, pattern: str = "*/served/*") -> None:
    """Lets an environment with a program ``serve`` stand for images."""
    folder = aws.directory / "serving"
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    program = folder / "bin" / "serve"
    program.write_text(f"#!{sys.executable}\n{SERVE}")
    program.chmod(0o755)
    file = aws.directory / "images.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps({**known, pattern: str(folder)}))


def archive(**model: Any) -> bytes:
    """Returns the archive of a model."""
    packed, content = io.BytesIO(), json.dumps(model).encode()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        member = tarfile.TarInfo("model.json")
        member.size = len(content)
        opened.addfile(member, io.BytesIO(content))
    return packed.getvalue()


class Service:
    """An account with models, endpoints and the environment of their image."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.sagemaker, self.s3, self.runtime = (aws.client(it) for it in ("sagemaker", "s3", "sagemaker-runtime"))
        self.role = aws.role(ROLE, "sagemaker")
        for bucket in ("models", "captures"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        name_image(aws)

    def container(self, name: str, **environment: str) -> dict[str, Any]:
        place = {"Image": IMAGE, "ModelDataUrl": f"s3://models/{name}/model.tar.gz"}
        return {**place, "Environment": {"SM_MODEL_DIR": "/opt/ml/model", MARK: self.aws.url, **environment}}

    def store(self, name: str, **model: Any) -> None:
        self.s3.put_object(Bucket="models", Key=f"{name}/model.tar.gz", Body=archive(**model))

    def model(self, name: str, factor: int = 1, environment: dict[str, str] | None = None, **more: Any) -> str:
        self.store(name, factor=factor)
        container = self.container(name, **(environment or {}))
        given = {"PrimaryContainer": container, "ExecutionRoleArn": self.role, **more}
        self.sagemaker.create_model(ModelName=name, **given)
        return name

    def configuration(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **more)
        return name

    def update(self, name: str, factor: int = 1, deployment: dict[str, Any] | None = None, **model: Any) -> str:
        """Updates an endpoint to a new model, and returns the name of the model and its configuration."""
        new = f"{name}-{factor}"
        self.model(new, factor)
        self.store(new, factor=factor, **model)
        self.configuration(new, variant(new))
        more = {"DeploymentConfig": deployment} if deployment else {}
        self.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=new, **more)
        return new

    def stage(self, name: str, stage: str) -> dict[str, Any]:
        """Returns the description of an endpoint when the variants of its new fleet have reached a stage."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
            assert found["EndpointStatus"] == "Updating", found
            (variant,) = found["PendingDeploymentSummary"]["ProductionVariants"]
            return found if variant["VariantStatus"][0]["Status"] == stage else None

        found: dict[str, Any] = eventually(look)
        return found

    def spread(self, name: str, count: int = 40) -> Counter[str]:
        """Returns how often each answer was given to 1."""
        return Counter(str(self.invoke(name, "1")["Body"]) for _ in range(count))

    def endpoint(self, name: str, factor: int = 1, **more: Any) -> dict[str, Any]:
        """Creates an endpoint with one variant, and returns its description when it is in service."""
        self.configuration(name, variant(self.model(name, factor)), **more)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        return self.settled(name)

    def settled(self, name: str) -> dict[str, Any]:
        """Returns the description of an endpoint when it is no longer being created or updated."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=name)
            return found if found["EndpointStatus"] not in ("Creating", "Updating") else None

        found: dict[str, Any] = eventually(look)
        return found

    def invoke(self, name: str, body: str | bytes, **more: Any) -> dict[str, Any]:
        content = body.encode() if isinstance(body, str) else body
        found: dict[str, Any] = self.runtime.invoke_endpoint(
            EndpointName=name, Body=content, **{"ContentType": JSON, **more}
        )
        return {**found, "Body": found["Body"].read().decode()}


def variant(model: str, name: str = "all", **more: Any) -> dict[str, Any]:
    given = {"InstanceType": "ml.m6i.large", "InitialInstanceCount": 2, "InitialVariantWeight": 1.0}
    return {"VariantName": name, "ModelName": model, **given, **more}


def processes(aws: EmulatedAws) -> set[int]:
    """Returns the processes of endpoints on this machine that belong to a sandbox."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if any(f"{name}={aws.url}".encode() in environment for name in ("AWS_ENDPOINT_URL", MARK)):
            found.add(int(folder.name))
    return found
