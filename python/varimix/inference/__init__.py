"""How sure: standard errors and intervals of what was fitted, and tests."""

__all__: list[str] = []
