"""CodeBuild: projects, builds that run their buildspec, and reports."""
