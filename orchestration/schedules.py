"""Monthly, as crawls come: the same check as the sensor's, for those who want no sensor running."""

from collections.abc import Iterator

import dagster as dg

from orchestration import jobs, partitions
from orchestration.resources import ProjectResource
from orchestration.sensors import ingest_answers, sorted_out


@dg.schedule(job=jobs.ingest, cron_schedule="0 3 2 * *", execution_timezone="UTC")
def monthly_crawls(
    context: dg.ScheduleEvaluationContext, project: ProjectResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """On the second of each month, ingest what is at the source and not in the lake as it is there."""
    partitions.add(context.instance, project.opened.crawls())
    requests, reason = sorted_out(ingest_answers(project.opened, context.instance), context.log)
    yield from requests
    if not requests:
        yield dg.SkipReason(reason or "all crawls of the source are in the lake")
