"""Grafana's dashboards: drawn here in Python, committed beside it as JSON, in Dutch (nl/) and in English (en/).

`python -m dashboards` writes the JSON anew. Only that needs the SDK; who shows or publishes dashboards reads the files.
"""
