"""What those who run the monitor look at: its health and its metrics."""
