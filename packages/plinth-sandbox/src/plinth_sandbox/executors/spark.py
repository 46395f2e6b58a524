"""Spark for one process: Sail, an engine that speaks Spark Connect, without a Java machine.

It reads and writes S3 with the credentials of the process, and knows Spark's SQL and data frames; no RDDs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession


@contextmanager
def spark() -> Iterator[SparkSession]:
    """A session of a server of this process's own, which every other session that is asked for is one of."""
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        os.environ["SPARK_REMOTE"] = f"sc://{host}:{port}"
        session = SparkSession.builder.getOrCreate()
        try:
            yield session
        finally:
            # Before the server: what the session still has to tell it, it would otherwise go on trying to tell.
            session.stop()
    finally:
        server.stop()
