"""Property values without AWS calls: types, checks, comparison, diffs and conversion to request members."""
