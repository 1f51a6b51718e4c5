"""Imported for its effect: Dagster's dbt integration, whose own dependencies warn while they are imported."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import dagster_dbt

__all__ = ["dagster_dbt"]
