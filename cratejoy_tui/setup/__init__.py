"""Connecting a store, and looking after the connection: steps and checks that every front end shows in its own way."""
