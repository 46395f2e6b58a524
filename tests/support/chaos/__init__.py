"""Kills random processes of a run at random moments, repeats the run, and compares what is left."""
