"""Constraints of AWS's service models, as botocore ships them: enumerations, patterns, lengths, ranges. The emulator
checks requests against them, and the provider plugin inputs. Neither belongs here."""
