"""Visits and scores by who handled them, with the works council's consent."""
