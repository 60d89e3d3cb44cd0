"""The customer's questions, one a page."""
