"""Logs of other systems, read row by row and sent the way live events go."""

from services.importer.log_import import ImportReport, import_log
from services.importer.plan import ImportRefused

__all__ = ["ImportRefused", "ImportReport", "import_log"]
