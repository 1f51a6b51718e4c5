"""The root that Dagster loads."""

import dagster as dg

from assets.marts import marts
from orchestration import tables
from orchestration.jobs import JOBS
from orchestration.resources import ProjectResource
from orchestration.schedules import monthly_crawls
from orchestration.sensors import new_crawls, next_crawls
from orchestration.takedowns import reports_after_takedowns, takedown

defs = dg.Definitions(
    assets=[*tables.definitions(), marts],
    resources={"project": ProjectResource()},
    jobs=[*JOBS, takedown],
    sensors=[new_crawls, next_crawls, reports_after_takedowns],
    schedules=[monthly_crawls],
    # The engine's workers are processes already, and can be killed; a process a step would only add seconds.
    executor=dg.in_process_executor,
)
