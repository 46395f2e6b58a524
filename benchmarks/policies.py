"""How long the security pack takes over 500 resources: `python -m benchmarks.policies`.

Starts the pack as the engine does and asks it over its own protocol about the resources of an example environment,
over and over, one call per resource. Prints one figure per line.
"""

from __future__ import annotations

import itertools
import statistics
import time

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.rule_list import RULES
from tests.policies.pack_process import running_pack
from tests.support.every_stack import example_deployment

RESOURCES = 500
STACK = "fraud-development"


def requests() -> list[analyzer_pb2.AnalyzeRequest]:
    recorder = example_deployment()[STACK]
    providers = {record.name: record for record in recorder.records if record.is_provider}
    made: list[analyzer_pb2.AnalyzeRequest] = []
    for record in itertools.islice(itertools.cycle(recorder.resources), RESOURCES):
        provider = providers[record.provider]
        request = analyzer_pb2.AnalyzeRequest(type=record.type, urn=record.urn, name=record.name)
        request.properties.CopyFrom(struct(record.inputs))
        request.provider.type, request.provider.urn = provider.type, provider.urn
        request.provider.name = provider.name
        request.provider.properties.CopyFrom(struct(provider.inputs))
        made.append(request)
    return made


def struct(values: dict[str, object]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(values)
    return message


def main() -> None:
    requested = requests()
    started = time.perf_counter()
    with running_pack() as pack:
        pack.Analyze(requested[0])
        ready = time.perf_counter()
        milliseconds = []
        findings = 0
        for request in requested:
            before = time.perf_counter()
            findings += len(pack.Analyze(request).diagnostics)
            milliseconds.append((time.perf_counter() - before) * 1000)
    print(f"rules                       {len(RULES)}")
    print(f"resources                   {len(requested)}")
    print(f"findings                    {findings}")
    print(f"start of the pack           {ready - started:.2f} s")
    print(f"all resources               {sum(milliseconds) / 1000:.2f} s")
    print(f"a resource, median          {statistics.median(milliseconds):.2f} ms")
    print(f"a resource, 95th percentile {statistics.quantiles(milliseconds, n=20)[-1]:.2f} ms")


if __name__ == "__main__":
    main()
