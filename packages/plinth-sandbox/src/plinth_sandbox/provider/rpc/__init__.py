"""The gRPC service for the engine: requests, configuration and values on the wire. Calls to AWS belong in
`operations`."""
