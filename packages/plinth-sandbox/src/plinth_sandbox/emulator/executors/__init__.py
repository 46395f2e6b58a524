"""Starts and reports runs of executors: job runs and queries. The programs that run belong in
`plinth_sandbox.executors`."""
