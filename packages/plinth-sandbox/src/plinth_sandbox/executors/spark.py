"""Spark for one process: Sail, an engine with the Spark Connect protocol that needs no Java.

Sail reads and writes S3 with the credentials of the process. It supports Spark SQL and data frames but no RDDs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession


@contextmanager
def spark() -> Iterator[SparkSession]:
    """Yields a session of a server that belongs to this process. Further sessions in the process use the same
    server."""
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
            # Stop the session before the server. Otherwise the session keeps retrying its last requests.
            session.stop()
    finally:
        server.stop()
