"""Ideal against actual, and how important touchpoints are."""
