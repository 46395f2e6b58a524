"""Commands that read what the delivery of a use case does: ``plinth builds``, ``plinth runs`` and ``plinth models``."""
