"""Source actions of CodePipeline: they copy a commit or an object into the artifact store of a pipeline."""
