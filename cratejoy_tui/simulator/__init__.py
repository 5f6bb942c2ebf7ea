"""A whole Cratejoy store and a warehouse, made up: for the demonstration, for tests, and to try out other clients."""
