"""CodePipeline: pipelines, their executions as state machines, and the actions that the sandbox performs."""
