"""What all of the API shares: bodies, errors, cursors, models."""
