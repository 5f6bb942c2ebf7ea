"""Questions to the operator. A dialog knows nothing of who asks: it takes texts and gives an answer."""
