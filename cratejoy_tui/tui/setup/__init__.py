"""Connecting a store, on a screen: the same steps and checks as the plain questions."""
