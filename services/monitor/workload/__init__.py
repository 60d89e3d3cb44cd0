"""Who has how much in hand, and what it costs."""
