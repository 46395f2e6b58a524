"""The commands of ``plinth data``, one module each. What they print is built in ``selfservice.reports``."""
