"""What happens by itself: a new crawl is ingested, then each recipe that wants it takes it in, in the crawls' order.

Training is left to a person or a schedule of one's own: it costs a GPU, and a new crawl need not mean a new model.
"""

from collections.abc import Iterator

import dagster as dg

from headwater import freshness
from headwater.errors import MissingInput
from headwater.project import Project
from orchestration import jobs, partitions
from orchestration.resources import ProjectResource


@dg.sensor(job=jobs.ingest, minimum_interval_seconds=300, description="New crawls at the source are ingested.")
def new_crawls(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult | dg.SkipReason:
    """Add each crawl of the root as a partition, and request the run of those that are not in the lake.

    The run key is the crawl: a crawl that is delivered again is requested once.
    """
    crawls = project.opened.crawls()
    unknown = [crawl for crawl in crawls if not context.instance.has_dynamic_partition("crawl", crawl)]
    requests = ingest_requests(project.opened)
    if not unknown and not requests:
        return dg.SkipReason(f"all {len(crawls)} crawls of the source are in the lake")
    added = [partitions.CRAWLS.build_add_request(unknown)] if unknown else []
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=added)


def ingest_requests(project: Project) -> list[dg.RunRequest]:
    """A run for each crawl of the source that has not come to the end of ingestion for every extractor."""
    return [
        dg.RunRequest(run_key=crawl, partition_key=crawl) for crawl in project.crawls() if not _ingested(project, crawl)
    ]


def _ingested(project: Project, crawl: str) -> bool:
    last = freshness.BY_CRAWL[-1]
    return all(project.lake.published(last, {"crawl": crawl, "extractor": e}) for e in project.extractors())


@dg.sensor(job=jobs.curate, minimum_interval_seconds=60, description="Recipes take in ingested crawls, in order.")
def next_crawls(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult | dg.SkipReason:
    """For each recipe request the first crawl that is ingested and not up to date; the next one waits for it."""
    opened = project.opened
    requests = [r for name in opened.recipe_names() for r in curate_requests(opened, name)]
    known = [r for r in requests if context.instance.has_dynamic_partition("crawl", str(r.tags["headwater/crawl"]))]
    return dg.SensorResult(run_requests=known) if known else dg.SkipReason("every recipe has taken in what is there")


def curate_requests(project: Project, name: str) -> Iterator[dg.RunRequest]:
    """The one run that a recipe needs next, if any. Its key is what is to be made: the same is not asked for twice."""
    recipe = project.recipe(name)
    for crawl in project.crawls(recipe):
        wanted = [freshness.Target(t, freshness.place(t, recipe, crawl)) for t in freshness.BY_BOTH]
        stale = freshness.stale(project, wanted)
        if not stale:
            continue
        try:
            plan = project.plan(stale[0].table, stale[0].partition)
        except MissingInput:
            return
        partition = partitions.key({"crawl": crawl, "recipe": name})
        tags = {"headwater/crawl": crawl}
        yield dg.RunRequest(run_key=f"{partition} {plan.key[:16]}", partition_key=partition, tags=tags)
        return
