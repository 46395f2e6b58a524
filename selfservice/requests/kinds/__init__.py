"""The kinds of requests of the platform team: a module for each, with its model, its settings files, its review, its
steps and what people read about it. :mod:`selfservice.requests.kinds.all_kinds` lists them. What all have in common
belongs in :mod:`selfservice.requests.kinds.request`.
"""
