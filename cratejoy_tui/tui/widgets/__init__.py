"""The parts the rooms are built from."""
