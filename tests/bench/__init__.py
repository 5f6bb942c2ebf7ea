"""Benches: one command, `python -m tests.bench`, printing figures and ratios. They judge nothing; people do."""
