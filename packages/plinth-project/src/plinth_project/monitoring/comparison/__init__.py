"""The comparison of the rows of a window with a baseline: data, distributions, bias and attributions."""
