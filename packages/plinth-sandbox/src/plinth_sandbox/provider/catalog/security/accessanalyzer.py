"""IAM Access Analyzer."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging

ANALYZER = Resource(
    type="aws:accessanalyzer/analyzer:Analyzer",
    create="create_analyzer",
    identifier="{analyzerName}",
    address={"analyzerName": "{analyzerName}"},
    read=Call("get_analyzer", within="analyzer"),
    delete="delete_analyzer",
    defaults={"type": "ACCOUNT"},
    name=None,
    tags=Tagging(read=None),
)

RESOURCES = [ANALYZER]
