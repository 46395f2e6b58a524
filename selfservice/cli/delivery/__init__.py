"""Code that several commands about use cases share: the first commit, and following builds and runs."""
