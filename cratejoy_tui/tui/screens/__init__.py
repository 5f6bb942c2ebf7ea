"""The console's rooms, and the frame they stand in."""
