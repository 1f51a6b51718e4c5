"""Jobs are selections: by group, which is by partition too."""

import dagster as dg

ingest = dg.define_asset_job("ingest", dg.AssetSelection.groups("ingest"), description="A crawl, from WARC to signals.")
curate = dg.define_asset_job("curate", dg.AssetSelection.groups("curate"), description="A crawl through a recipe.")
train = dg.define_asset_job("train", dg.AssetSelection.groups("train"), description="A recipe, from mix to scores.")
publish = dg.define_asset_job(
    "publish", dg.AssetSelection.groups("publish"), description="The catalog and its reports."
)

JOBS = (ingest, curate, train, publish)
