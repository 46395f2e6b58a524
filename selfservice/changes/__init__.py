"""Changes of the settings that a request asks for: their files, their review, their plan and their deployment. Kinds of
requests and their approval belong in :mod:`selfservice.requests`.
"""
