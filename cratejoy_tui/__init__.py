"""Moves the boxes a Cratejoy store has sold to its warehouse, and their tracking back to Cratejoy."""

__version__ = "0.1.0"
