"""Emulator patches: functions that correct answers of moto that differ from AWS, one package per group of services.
General behaviour belongs in `layers` or `store`."""
