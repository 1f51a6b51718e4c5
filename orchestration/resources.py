"""What assets and sensors are given: the project, opened from the folder that the environment names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from headwater.project import Project
from orchestration import runs


class ProjectResource(dg.ConfigurableResource[Any]):
    """The project of `folder`, or of HEADWATER_PROJECT, or of the nearest folder with a headwater.yaml.

    It is opened once a run and once a sensor tick, so that each sees the crawls and recipes there are now; its worker
    processes end with the run.
    """

    folder: str | None = None
    _project: Project | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the project, and note in the run which process works on it."""
        if context.instance is not None and context.run is not None:
            context.instance.add_run_tags(context.run.run_id, runs.process_tag())
        asked = context.run.tags.get(runs.RECIPE) if context.run is not None else None
        self._project = replace(Project.open(Path(self.folder) if self.folder else None), asked=asked)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """End its workers."""
        if self._project is not None:
            self._project.engine.close()

    @property
    def opened(self) -> Project:
        """The project of this run."""
        assert self._project is not None, "the resource is used outside a run"
        return self._project
