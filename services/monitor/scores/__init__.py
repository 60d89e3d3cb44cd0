"""What customers say, who was asked, and what they wrote."""
