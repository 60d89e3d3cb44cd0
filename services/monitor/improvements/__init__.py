"""What is to be improved, in which order, and when."""
