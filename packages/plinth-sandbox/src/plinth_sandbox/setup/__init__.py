"""Sets up a clone on a fresh machine with the standard library only: virtual environment and engine. Third-party
imports do not belong here."""
