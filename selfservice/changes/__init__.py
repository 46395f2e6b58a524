"""Changes of the settings that a request asks for: their files, their review, their plan and their deployment."""
