"""SageMaker: versions of images, and defaults of endpoint configurations."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

DESCRIBED_BY_PEOPLE = (
    "horovod", "jobType", "mlFramework", "processor", "programmingLang", "releaseNotes", "vendorGuidance",
)  # fmt: skip
"""Descriptive properties of a version. They can be updated."""


def create_image_version(caller: Caller, known: Properties) -> Properties:
    """Creates the next version of an image. The version number is the last part of its ARN."""
    said = {name: known[name] for name in DESCRIBED_BY_PEOPLE if known.get(name) is not None}
    members = {"MLFramework" if name == "mlFramework" else name[0].upper() + name[1:]: said[name] for name in said}
    aliases = {"Aliases": known["aliases"]} if known.get("aliases") else {}
    made = caller.aws(
        "create_image_version", ImageName=known["imageName"], BaseImage=known["baseImage"], **members, **aliases
    )
    return {"version": int(made["ImageVersionArn"].rpartition("/")[2])}


def name_variants(request: dict[str, Any]) -> dict[str, Any]:
    """Completes an endpoint configuration as the vendor's provider does: variants get names, and data capture is off
    unless the program configures it."""
    named = {
        kind: [{"VariantName": f"{request['EndpointConfigName'][:61]}-{number}", **variant}
               for number, variant in enumerate(request[kind], 1)]
        for kind in ("ProductionVariants", "ShadowProductionVariants") if request.get(kind)
    }  # fmt: skip
    capture = request.get("DataCaptureConfig")
    captured = {"DataCaptureConfig": {"EnableCapture": False, **capture}} if capture else {}
    return {**request, **named, **captured}
