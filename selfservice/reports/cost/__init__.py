"""The report of the fixed monthly cost: quantities, prices and the bill. Cost by usage is not calculated."""
