"""Pages to read, made from what the flows answered."""
