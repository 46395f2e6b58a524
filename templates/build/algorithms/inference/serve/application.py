"""The interface of an inference container: ``GET /ping`` and ``POST /invocations``.

Source: Amazon SageMaker AI Developer Guide, "Custom Inference Code with Hosting Services" and "Use Your Own Inference
Code with Batch Transform" (read 2026-11-22).
"""

from __future__ import annotations

import csv
import io
import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from inference.serve.parts import PARTS, Part, PartsError, numbers_of, text_of
from inference.serve.predictor import InvalidRowsError, Predictor

JSON, CSV = "application/json", "text/csv"
KINDS = (JSON, CSV)
StartResponse = Callable[[str, list[tuple[str, str]]], object]
_LOG = logging.getLogger("serve")


class RefusedError(Exception):
    """A request that gets no predictions, with its status."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Application:
    """Answers requests with the predictions of a model (WSGI).

    A request is ``{"instances": [{column: value}]}``, or CSV without a header and with the columns in the order of
    training. The answer is ``{"predictions": [number]}``, or a number in each line. In a serial inference pipeline, an
    application has some of the parts, and reads or writes the JSON of ``parts`` in their place.
    """

    predictor: Predictor
    parts: tuple[Part, ...] = PARTS

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            status, kind, body = self._answer(environ)
        except RefusedError as error:
            status, kind, body = error.status, JSON, json.dumps({"error": str(error)})
        except Exception:
            _LOG.exception("the model failed")
            status, kind, body = HTTPStatus.INTERNAL_SERVER_ERROR, JSON, json.dumps({"error": "the model failed"})
        content = body.encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(content)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [content]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[HTTPStatus, str, str]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if (method, path) == ("GET", "/ping"):
            return HTTPStatus.OK, JSON, "{}"
        if (method, path) == ("GET", "/execution-parameters"):
            parameters = {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
            return HTTPStatus.OK, JSON, json.dumps(parameters)
        if (method, path) != ("POST", "/invocations"):
            raise RefusedError(HTTPStatus.NOT_FOUND, f"{method} {path} is unknown")
        given = _kind(environ.get("CONTENT_TYPE"), JSON)
        if given is None:
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type: expected {' or '.join(KINDS)}")
        wanted = _kind(environ.get("HTTP_ACCEPT"), given)
        if wanted is None:
            raise RefusedError(HTTPStatus.NOT_ACCEPTABLE, f"Accept: expected {' or '.join(KINDS)}")
        found = self._worked(given, environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        if self.parts[-1] != PARTS[-1]:
            # For the next container, whatever the caller accepts from the last one.
            return HTTPStatus.OK, JSON, text_of(PARTS[PARTS.index(self.parts[-1]) + 1], found)
        if not all(math.isfinite(value) for value in found):
            raise ValueError("a prediction is not a finite number")
        body = json.dumps({"predictions": found}) if wanted == JSON else "".join(f"{value!r}\n" for value in found)
        return HTTPStatus.OK, wanted, body

    def _worked(self, kind: str, body: bytes) -> Any:
        """Returns what the parts make of a request."""
        try:
            text = body.decode()
            if self.parts[0] == PARTS[0]:
                rows = _rows(text) if kind == JSON else self._lines(text)
                if not rows:
                    return self._without_rows()
                found: Any = self.predictor.table_of(rows)
            else:
                found = numbers_of(self.parts[0], text)
            for part in self.parts:
                found = getattr(self.predictor, part)(found)
        except (InvalidRowsError, PartsError, UnicodeDecodeError) as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"body: {error}") from error
        return found

    def _without_rows(self) -> list[float]:
        if self.parts != PARTS:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "body: expected at least one row")
        return []

    def _lines(self, text: str) -> list[dict[str, Any]]:
        """Returns the rows of a CSV file. An empty field is a missing value."""
        names, rows = self.predictor.features, []
        for number, line in enumerate(csv.reader(io.StringIO(text)), start=1):
            if len(line) != len(names):
                reason = f"line {number}: {len(line)} fields, expected {len(names)}: {', '.join(names)}"
                raise RefusedError(HTTPStatus.BAD_REQUEST, reason)
            rows.append({name: value if value else None for name, value in zip(names, line, strict=True)})
        return rows


def _rows(text: str) -> list[dict[str, Any]]:
    try:
        given = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "body: expected JSON") from None
    rows = given.get("instances") if isinstance(given, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RefusedError(HTTPStatus.BAD_REQUEST, 'body: expected {"instances": [{column: value}]}')
    return rows


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads but JSON does not know."""
    raise ValueError(name)


def _kind(header: str | None, default: str) -> str | None:
    """Returns the first known content type of a header, or None if it names only others."""
    if not header:
        return default
    names = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    found = (default if name == "*/*" else name for name in names)
    return next((name for name in found if name in KINDS), None)
