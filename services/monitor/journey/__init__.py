"""The journey as a line: where customers suffer."""
