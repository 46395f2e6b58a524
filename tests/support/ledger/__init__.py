"""The ledger of requirements: what Plinth has to do, clause by clause, and which tests show it.

``ledger.yaml`` is the source. The pytest plugin and the program of ``make requirements`` are in
``tests.support.requirements``, the generated pages in ``tests.support.docs.ledger_status``.
"""
