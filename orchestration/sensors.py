"""What happens by itself: a new crawl is ingested, then each recipe that wants it takes it in, in the crawls' order.

Training is left to a person or a schedule of one's own: it costs a GPU, and a new crawl need not mean a new model.
"""

import logging
from collections.abc import Iterator, Sequence
from itertools import takewhile

import dagster as dg
from dagster import DagsterRunStatus as Status

from headwater import freshness
from headwater.errors import UserError
from headwater.freshness import Target
from headwater.lake.lineage import Partition
from headwater.project import Project
from headwater.recipe import Recipe, label
from orchestration import jobs, partitions, runs
from orchestration.resources import ProjectResource

# Says of a run what it was requested to make.
REQUEST = "headwater/request"
ATTEMPTS = 3
# A run that was created and not started is not under way: the daemon starts it when its run key comes again.
UNDER_WAY = [Status.QUEUED, Status.STARTING, Status.STARTED, Status.CANCELING]
FINISHED = [Status.SUCCESS, Status.FAILURE, Status.CANCELED]

Answer = dg.RunRequest | dg.SkipReason


@dg.sensor(job=jobs.ingest, minimum_interval_seconds=300, description="New and grown crawls are ingested.")
def new_crawls(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult | dg.SkipReason:
    """Add each crawl of the root as a partition, and request the run of those that are not in the lake as they are."""
    crawls = project.opened.crawls()
    unknown = [crawl for crawl in crawls if not context.instance.has_dynamic_partition("crawl", crawl)]
    requests, reason = sorted_out(ingest_answers(project.opened, context.instance), context.log)
    if not unknown and not requests:
        return dg.SkipReason(reason or f"all {len(crawls)} crawls of the source are in the lake")
    added = [partitions.CRAWLS.build_add_request(unknown)] if unknown else []
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=added)


@dg.sensor(job=jobs.curate, minimum_interval_seconds=60, description="Recipes take in ingested crawls, in order.")
def next_crawls(context: dg.SensorEvaluationContext, project: ProjectResource) -> dg.SensorResult | dg.SkipReason:
    """For each recipe request the first crawl that is ingested and not up to date; the next one waits for it."""
    requests, reason = sorted_out(curate_answers(project.opened, context.instance), context.log)
    if not requests:
        return dg.SkipReason(reason or "every recipe has taken in what is there")
    return dg.SensorResult(run_requests=requests)


def sorted_out(answers: Sequence[Answer], log: logging.Logger) -> tuple[list[dg.RunRequest], str]:
    """The requests, and why the rest is not requested: logged too, for beside requests there is no room."""
    reasons = [a.skip_message or "" for a in answers if isinstance(a, dg.SkipReason)]
    for reason in reasons:
        log.warning(reason)
    return [a for a in answers if isinstance(a, dg.RunRequest)], "; ".join(reasons)


def ingest_answers(project: Project, instance: dg.DagsterInstance) -> list[Answer]:
    """A run for each crawl of the source that the lake does not hold as it is, for every extractor; or why not."""
    runs.settle(instance)
    recipes = list({tuple(map(label, recipe.ways)): recipe for recipe in project.automatic_recipes()}.values())
    answers = (_ingest(project, instance, recipes, crawl) for crawl in project.crawls())
    return [answer for answer in answers if answer is not None]


def _ingest(project: Project, instance: dg.DagsterInstance, recipes: Sequence[Recipe], crawl: str) -> Answer | None:
    wanted: list[Target] = []
    for recipe in recipes:
        ways = [Target(n, p) for n in freshness.BY_CRAWL for p in freshness.places(n, recipe, crawl)]
        wanted += [target for target in ways if target not in wanted]
    return _answer(project, instance, wanted, {"crawl": crawl})


def curate_answers(project: Project, instance: dg.DagsterInstance) -> list[Answer]:
    """The one run that each recipe needs next, if any; or why it is not requested."""
    runs.settle(instance)
    answers = (next(_curate(project, instance, recipe), None) for recipe in project.automatic_recipes())
    return [answer for answer in answers if answer is not None]


def _curate(project: Project, instance: dg.DagsterInstance, recipe: Recipe) -> Iterator[Answer]:
    for crawl in project.crawls(recipe):
        wanted = [Target(n, p) for n in freshness.BY_BOTH for p in freshness.places(n, recipe, crawl)]
        answer = _answer(project, instance, wanted, {"crawl": crawl, "recipe": recipe.name})
        if isinstance(answer, dg.RunRequest) and not instance.has_dynamic_partition("crawl", crawl):
            yield dg.SkipReason(f"{answer.partition_key} waits until the crawl is a partition in Dagster")
        elif answer is not None:
            yield answer


def _answer(
    project: Project, instance: dg.DagsterInstance, wanted: Sequence[Target], partition: Partition
) -> Answer | None:
    """None where everything is current. One crawl that cannot be planned must not stop the others."""
    try:
        first = next(iter(freshness.stale(project, wanted)), None)
        if first is None:
            return None
        key = project.plan(first.table, first.partition).key
    except UserError as error:
        return dg.SkipReason(f"{partitions.key(partition)} cannot be made: {error}")
    return request(instance, partitions.key(partition), key)


def request(instance: dg.DagsterInstance, partition_key: str, key: str) -> Answer:
    """A run of a partition for the sake of the plan of this key; or why none is requested.

    Dagster drops a run key that a finished run has had, also a failed one: so the finished runs are counted in it.
    What failed three times, or was cancelled, is not requested again until what is to be made changes.
    """
    base = f"{partition_key} {key[:12]}"
    # By partition: a run that is under way and has made its first table has changed what is to be made.
    here = dg.RunsFilter(tags={"dagster/partition": partition_key}, statuses=UNDER_WAY)
    if instance.get_runs(here, limit=1):
        return dg.SkipReason(f"{partition_key} is being made")
    finished = instance.get_runs(dg.RunsFilter(tags={REQUEST: base}, statuses=FINISHED))
    failed = list(takewhile(lambda run: run.status != Status.SUCCESS, finished))
    if failed and failed[0].status == Status.CANCELED:
        return dg.SkipReason(f"{partition_key} was cancelled: run it by hand, or change what is to be made")
    if len(failed) >= ATTEMPTS:
        return dg.SkipReason(
            f"{partition_key} failed {len(failed)} times, the last time in run {failed[0].run_id}: "
            "run it by hand once the cause is mended, or change what is to be made"
        )
    return dg.RunRequest(run_key=f"{base} {len(finished)}", partition_key=partition_key, tags={REQUEST: base})
