"""Git repositories on disk, and git over HTTP. It knows no operations of CodeCommit; those are executors."""
