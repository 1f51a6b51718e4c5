"""Facets that OpenLineage has no word for. Their JSON schemas are in `schemas/`, and travel in the package.

The prefix and the schema URL are what the specification asks of a custom facet: https://openlineage.io/docs/spec/facets
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import attr
from openlineage.client.facet_v2 import DatasetFacet, RunFacet

from headwater.lake.lineage import Partition

REVISION = "1-0-0"


def schema_url(name: str) -> str:
    """The name of a facet's schema. A URN, because it is read from the package and not from the web."""
    return f"urn:headwater:openlineage:{REVISION}:{name}.json#/$defs/{name}"


def schemas() -> dict[str, str]:
    """The text of every schema, by file name."""
    folder = files("headwater.openlineage") / "schemas"
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".json")}


@attr.define
class HeadwaterRowFlowRunFacet(RunFacet):
    """Rows in by input, rows out by outcome. What is not there is a row with an outcome, so nothing is lost."""

    inputs: list[dict[str, Any]]
    rows: int
    outcomes: Mapping[str, int]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("HeadwaterRowFlowRunFacet")


@attr.define
class HeadwaterConsentPolicyRunFacet(RunFacet):
    """The policy that decided what may be used, what decides in it by digest, and as of when consent was asked."""

    name: str
    digest: str
    sites: str
    consent: list[dict[str, Any]]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("HeadwaterConsentPolicyRunFacet")


@attr.define
class HeadwaterTakedownRunFacet(RunFacet):
    """The takedown that a commit carries out, and the rows of the partition that are removed."""

    takedown: str
    counts: Mapping[str, int]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("HeadwaterTakedownRunFacet")


@attr.define
class HeadwaterLicenceCompositionDatasetFacet(DatasetFacet):
    """Documents of a mix by use class of their licence evidence."""

    classes: list[dict[str, Any]]

    @staticmethod
    def _get_schema() -> str:
        return schema_url("HeadwaterLicenceCompositionDatasetFacet")


@attr.define
class HeadwaterDeltaCommitDatasetFacet(DatasetFacet):
    """Which Delta commit a partition is at: its rows by digest, how it was made by fingerprint and key."""

    table: str
    partition: Partition
    version: int
    digest: str
    fingerprint: str | None = None
    key: str | None = None
    run: str | None = None
    steps: Mapping[str, int] | None = None

    @staticmethod
    def _get_schema() -> str:
        return schema_url("HeadwaterDeltaCommitDatasetFacet")
