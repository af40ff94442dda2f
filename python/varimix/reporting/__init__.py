"""A report on a fit, as one page that needs nothing beside it: ``varimix.report``."""

from varimix.reporting.write import report

__all__ = ["report"]
