"""KPIs: where they stand, and what needs attention."""
