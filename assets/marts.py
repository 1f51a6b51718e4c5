"""What people read: dbt models on the catalog of pinned versions, with their tests as checks."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from assets._dbt import Translator, build, dbt_project


@dbt_assets(
    manifest=dbt_project().manifest_path,
    project=dbt_project(),
    name="marts",
    dagster_dbt_translator=Translator(),
    pool="table/marts",
    required_resource_keys={"project"},
)
def marts(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """The catalog rebuilt on the newest versions, with every report built and tested on it."""
    yield from build(context, context.resources.project.opened)
