"""Starts and reports runs for all services. What a service answers about its runs belongs in ``services``, and the
programs that run in ``plinth_sandbox.executors``."""
