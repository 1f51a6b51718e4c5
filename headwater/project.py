"""One project folder, opened: its settings, lake, crawls, recipes and workers."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from headwater import recipe as recipes
from headwater import registry, settings
from headwater.configuration import Step, resolve
from headwater.engine.local import LocalEngine
from headwater.errors import BadRecipe, UnknownName, UserError
from headwater.lake import tombstones
from headwater.lake.lineage import Partition
from headwater.lake.storage import Storage
from headwater.lake.store import Lake
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.recipe import Recipe
from headwater.rights import policy as policies
from headwater.rights.policy import Policy
from headwater.settings import Settings
from headwater.warc.crawl import CrawlRoot

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Project:
    """Everything that a stage, a command or an asset needs; `asked` is the recipe that a run is for, if any."""

    settings: Settings
    asked: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        registry.extend(self.settings.step_folder)

    @classmethod
    def open(cls, folder: Path | None = None) -> "Project":
        """The project of a folder, or of the nearest one upwards."""
        return cls(settings.load(folder if folder is not None else settings.project_folder()))

    @cached_property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(Storage(self.settings.place(self.settings.lake), dict(self.settings.lake_options)))

    @cached_property
    def source(self) -> CrawlRoot:
        """The root that crawls are read from."""
        return CrawlRoot(self.settings.place(self.settings.crawls), dict(self.settings.crawls_options))

    @cached_property
    def engine(self) -> LocalEngine:
        """Worker processes."""
        return LocalEngine(self.settings.workers, self.settings.step_folder)

    def recipe_names(self) -> list[str]:
        """The recipes of this project."""
        return recipes.names(self.settings.recipe_folder)

    def recipe(self, name: str) -> Recipe:
        """One recipe. Raises UnknownName or BadRecipe."""
        return recipes.load(self.settings.recipe_folder, name)

    def policy(self, name: str) -> Policy:
        """One policy, with the decisions on sites that it names. Raises UnknownName or BadRecipe."""
        return policies.load(self.settings.policy_folder, name)

    @cached_property
    def started_in_lake(self) -> Mapping[str, str]:
        """When each crawl of the lake began, oldest first; needs no source."""
        details = {
            commit.provenance.partition["crawl"]: commit.provenance.details["started"]
            for commit in reversed(self.lake.log("sources"))
            if commit.provenance is not None and "started" in commit.provenance.details
        }
        return dict(sorted(details.items(), key=lambda item: (item[1], item[0])))

    @cached_property
    def started(self) -> Mapping[str, str]:
        """When each crawl began, oldest first: those at the source and those in the lake."""
        known = {**self.started_in_lake, **self._started_at_source()}
        return dict(sorted(known.items(), key=lambda item: (item[1], item[0])))

    def _started_at_source(self) -> dict[str, str]:
        try:
            return {c.id: c.started or "" for c in self.source.crawls()}
        except UserError as error:
            if not self.started_in_lake:
                raise
            # What is in the lake can be asked about without the source; what is new there cannot be seen.
            log.warning("crawls at the source are not known: %s", error)
            return {}

    def crawls(self, recipe: Recipe | None = None) -> list[str]:
        """Crawls in order, those that a recipe wants. Order decides which copy of a duplicate is the earlier one."""
        return [crawl for crawl in self.started if recipe is None or recipe.wants(crawl)]

    def earlier(self, recipe: Recipe, crawl: str) -> list[str]:
        """The crawls of a recipe that come before one."""
        known = self.crawls(recipe)
        if crawl not in known:
            raise UnknownName.among(f"crawl of recipe {recipe.name}", crawl, known)
        return known[: known.index(crawl)]

    def compared(self, recipe: Recipe, crawl: str) -> list[str]:
        """The earlier crawls whose documents those of a crawl are compared with, by the recipe's scope."""
        before = self.earlier(recipe, crawl)
        return before if recipe.window is None else before[max(0, len(before) - recipe.window + 1) :]

    def readable_recipes(self) -> list[Recipe]:
        """Every recipe that can be read; one that cannot is warned of and must not stop the others."""
        found = []
        for name in self.recipe_names():
            try:
                found.append(self.recipe(name))
            except BadRecipe as error:
                log.warning("recipe %s is left out: %s", name, error)
        return found

    def automatic_recipes(self) -> list[Recipe]:
        """The recipes that take in new crawls by themselves."""
        return [recipe for recipe in self.readable_recipes() if recipe.automatic]

    def extractors(self) -> dict[str, Step]:
        """The extractors that a crawl is ingested for, by the partition that each fills: those of the recipe that a run
        is for, or of all automatic ones.
        """
        recipes_asked = self.automatic_recipes() if self.asked is None else [self.recipe(self.asked)]
        ways = [way for recipe in recipes_asked for way in recipe.ways]
        return dict(sorted({recipes.label(way): way for way in ways}.items()))

    def extractor(self, label: str) -> Step:
        """The extractor that fills a partition. Raises UnknownName where no recipe uses it."""
        if label in registry.names("extractors"):
            return Step(label, resolve("extractors", label, {}))
        known = {recipes.label(way): way for recipe in self.readable_recipes() for way in recipe.ways}
        if label not in known:
            raise UnknownName.among("extractor of a recipe", label, known)
        return known[label]

    def plan(self, name: str, partition: Partition) -> Plan:
        """How one partition of a table is made now. Raises MissingInput where its inputs are not there."""
        wanted = table(name).partitions
        if set(wanted) != set(partition):
            raise UnknownName(f"table {name} is partitioned by {', '.join(wanted)}; given: {', '.join(partition)}")
        removals = tombstones.resolved(self.lake)
        plan: Plan = registry.step("stages", name)(self, partition)
        return replace(plan, removals=removals)
