"""CodeCommit's operations on the git repositories of the sandbox."""
