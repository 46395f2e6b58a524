"""Serves the model of a folder over HTTP. SageMaker starts it in endpoints and batch transform jobs."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from waitress import serve

from inference.serve.application import Application
from inference.serve.parts import PARTS, parts_of
from inference.serve.predictor import Predictor

PORT = "8080"
"""Port on which SageMaker calls a container, unless it names another one in SAGEMAKER_BIND_TO_PORT."""


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    folder, port = os.environ.get("SM_MODEL_DIR"), os.environ.get("SAGEMAKER_BIND_TO_PORT", PORT)
    described = "folder of the model (variable: SM_MODEL_DIR)"
    parser.add_argument("--model", type=Path, default=folder, required=not folder, help=described)
    parser.add_argument("--port", type=int, default=port, help="port (variable: SAGEMAKER_BIND_TO_PORT)")
    parts = os.environ.get("SERVE_PARTS") or ",".join(PARTS)
    parser.add_argument("--parts", type=parts_of, default=parts, help="parts of the prediction (variable: SERVE_PARTS)")
    given = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The server listens when the model is loaded, so an answer to /ping means that it can predict.
    predictor = Predictor.load(given.model)
    if given.parts != PARTS and not predictor.is_divisible:
        parser.error("--parts: the model has no step before its last one; one container predicts")
    application = Application(predictor, given.parts)
    serve(application, host="0.0.0.0", port=given.port)  # noqa: S104 (SageMaker calls from outside the container)


if __name__ == "__main__":
    main()
