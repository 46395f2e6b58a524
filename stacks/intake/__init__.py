"""The stack of an environment's intakes: state machines that copy data out of the lake, and Glue steps of pipelines."""
