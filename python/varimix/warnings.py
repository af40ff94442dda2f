"""Warnings that the package issues."""


class DegenerateDataWarning(UserWarning):
    """The data do not determine an initial model: constant or collinear columns, too few rows."""
