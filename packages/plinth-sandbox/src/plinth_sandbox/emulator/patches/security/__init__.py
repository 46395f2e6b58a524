"""Emulator patches for detection and audit: CloudTrail, Config, GuardDuty, Macie, Security Hub and log groups."""
