"""Rules about trails, detectors and logs."""
