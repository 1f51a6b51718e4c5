"""What other thresholds or options of a recipe's filters and editors would change in `filtered`; nothing is written.

The answer is that of a rerun. Rows are gathered of documents that enter, leave or change alone, and on disk, so that
memory does not grow with the crawls.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from headwater import lists, trial
from headwater.curation import Used
from headwater.engine import Task
from headwater.errors import MissingInput, UnknownName
from headwater.lake.audit import connect, fetch, parquet, uris
from headwater.lake.store import DataFile
from headwater.project import Project
from headwater.recipe import Recipe, label
from headwater.stages import filtered
from headwater.whatif_rehearsal import Asked, Tally, work
from headwater.whatif_settings import Setting, Sweep, before, changed

NAMED = 20
_MOVES = ("gained", "lost", "other_text")
# With fewer documents than this, starting workers takes longer than the work.
ALONE = 300_000
_TOTALS = """
    select count(*) filter (outcome = 'kept') as documents,
           coalesce(sum(chars) filter (outcome = 'kept'), 0)::bigint as chars from published
"""
_CHANGED = """
    select count(*) filter (becomes and not was) as gained, count(*) filter (was and not becomes) as lost,
           count(*) filter (was and becomes) as other_text,
           coalesce(sum(chars_after) filter (becomes and not was), 0)::bigint as chars_gained,
           coalesce(sum(chars_before) filter (was and not becomes), 0)::bigint as chars_lost,
           coalesce(sum(chars_after - chars_before) filter (was and becomes), 0)::bigint as chars_other
    from changes
"""
# What a document is called may change with its extractor: its language.
_BY = """
    with there as (
        select coalesce({published}, 'unknown') as name, count(*) as n from published where outcome = 'kept' group by 1
    ), left_it as (
        select coalesce({before}, 'unknown') as name, count(*) as n, count(*) filter (not becomes) as lost,
               coalesce(sum(chars_before) filter (not becomes), 0)::bigint as chars_lost
        from changes where was group by 1
    ), came as (
        select coalesce({after}, 'unknown') as name, count(*) as n, count(*) filter (not was) as gained,
               coalesce(sum(chars_after) filter (not was), 0)::bigint as chars_gained
        from changes where becomes group by 1
    )
    select name, coalesce(there.n, 0) as before,
           coalesce(there.n, 0) - coalesce(left_it.n, 0) + coalesce(came.n, 0) as after,
           coalesce(gained, 0) as gained, coalesce(lost, 0) as lost,
           coalesce(chars_gained, 0)::bigint as chars_gained, coalesce(chars_lost, 0)::bigint as chars_lost
    from there full join left_it using (name) full join came using (name)
    where coalesce(gained, 0) > 0 or coalesce(lost, 0) > 0
    order by coalesce(gained, 0) + coalesce(lost, 0) desc, name
"""
_BY_RULE = """
    with there as (
        select coalesce(rule, outcome) as name, count(*) as n from published where outcome <> 'kept' group by 1
    ), freed as (
        select coalesce(rule_before, outcome_before) as name, count(*) as n, count(*) filter (becomes) as gained
        from changes where not was group by 1
    ), caught as (
        select coalesce(rule_after, outcome_after) as name, count(*) as n, count(*) filter (was) as lost
        from changes where not becomes group by 1
    )
    select name, coalesce(there.n, 0) as before,
           coalesce(there.n, 0) - coalesce(freed.n, 0) + coalesce(caught.n, 0) as after,
           coalesce(gained, 0) as gained, coalesce(lost, 0) as lost
    from there full join freed using (name) full join caught using (name)
    where coalesce(freed.n, 0) > 0 or coalesce(caught.n, 0) > 0
    order by coalesce(gained, 0) + coalesce(lost, 0) desc, coalesce(freed.n, 0) + coalesce(caught.n, 0) desc, name
"""
_COLUMNS = {
    "language": ("language", "language_before", "language_after"),
    "domain": ("domain", "domain", "domain"),
    "crawl": ("crawl", "crawl", "crawl"),
}
# The ids are hashes, so that the first ones are a sample without a plan.
_EXAMPLES = """
    select doc_id, crawl, url, coalesce(language_{side}, 'unknown') as language, chars_{side} as chars,
           rule_{other} as rule, value_{other} as value, threshold_{other} as threshold
    from changes where {which}
    qualify row_number() over (partition by coalesce(url, doc_id) order by doc_id, crawl) = 1
    order by doc_id, crawl limit $limit
"""


@dataclass(frozen=True)
class _Question:
    """The published partitions of a recipe that are asked about, and the crawls that it has not filtered yet."""

    project: Project
    recipe: Recipe
    steps: tuple[Used, ...]
    files: Mapping[str, tuple[list[DataFile], Mapping[str, Mapping[str, Any]]]]
    missing: tuple[str, ...]

    @property
    def published(self) -> list[str]:
        """Names of all published files."""
        return [file.name for files, _ in self.files.values() for file in files]

    @property
    def documents(self) -> int:
        """How many documents the partitions hold."""
        return sum(file.rows for files, _ in self.files.values() for file in files)


def settings(
    project: Project, name: str, sets: Sequence[Setting], *, crawls: Sequence[str] = (), examples: int = 5
) -> dict[str, Any]:
    """What `filtered` of a recipe would be with other options, against what is published.

    Raises UnknownName, BadRecipe or UserError for a setting that a recipe could not have, and MissingInput where
    `filtered` is not there or not current.
    """
    question = _asked_of(project, name, crawls)
    asked = _question(question, [changed(project, question.recipe, sets)])
    with tempfile.TemporaryDirectory(prefix="headwater-") as place:
        (tally,) = _rehearse(question, asked, Path(place))
        with _changes(question, Path(place)) as db:
            return {**_of(question, sets), **_read(asked, tally), **_answer(db, examples)}


def sweep(
    project: Project, name: str, over: Sweep, *, sets: Sequence[Setting] = (), crawls: Sequence[str] = ()
) -> dict[str, Any]:
    """What `filtered` of a recipe would keep at each of several thresholds, by one pass over its documents.

    Raises what `settings` raises.
    """
    question = _asked_of(project, name, crawls)
    variants = [changed(project, question.recipe, [*sets, Setting(over.address, value)]) for value in over.values]
    asked = _question(question, variants)
    tallies = _rehearse(question, asked, None)
    with _connected(question) as db:
        now = fetch(db, _TOTALS).to_pylist()[0]
    points = [
        {"threshold": value, **{k: v for k, v in vars(tally).items() if k != "read_anew"}}
        for value, tally in zip(over.values, tallies, strict=True)
    ]
    said = {"option": str(over.address), "now": before(question.steps, question.recipe, over.address)}
    return {**_of(question, sets), "sweep": said, **_read(asked, tallies[0]), "published": now, "points": points}


def _asked_of(project: Project, name: str, crawls: Sequence[str]) -> _Question:
    recipe = project.recipe(name)
    there = {p["crawl"] for p in project.lake.partitions("filtered") if p["recipe"] == name}
    wanted = [crawl for crawl in project.started_in_lake if recipe.wants(crawl)]
    for crawl in crawls:
        if crawl not in wanted:
            raise UnknownName.among(f"crawl of recipe {name} in the lake", crawl, wanted)
    chosen = [crawl for crawl in wanted if crawl in (crawls or there)]
    if not chosen:
        raise MissingInput(f"recipe {name} has filtered no crawl yet; run headwater run {name} --to filtered first")
    return _Question(
        project,
        recipe,
        tuple(filtered.used(project, recipe)),
        {crawl: _partition(project, recipe, crawl) for crawl in chosen},
        tuple(crawl for crawl in wanted if crawl not in chosen and not crawls),
    )


def _partition(project: Project, recipe: Recipe, crawl: str) -> tuple[list[DataFile], Mapping[str, Mapping[str, Any]]]:
    """The published files, and what each shard was made of. Raises MissingInput where they are not current."""
    partition = {"recipe": recipe.name, "crawl": crawl}
    commit = project.lake.published("filtered", partition)
    said = None if commit is None else commit.provenance
    plan = filtered.plan(project, recipe, crawl)
    if said is None or said.key != plan.key:
        state = "not there" if said is None else "not what the recipe and its inputs say now"
        raise MissingInput(
            f"filtered of recipe {recipe.name} for {crawl} is {state}; bring it up to date first: "
            f"headwater run {recipe.name} --crawl {crawl} --to filtered"
        )
    return project.lake.read(project.lake.input("filtered", partition)), plan.shards


def _question(question: _Question, variants: Sequence[Sequence[Used]]) -> Asked:
    """The steps as they are applied, with the places of their lists; each is tried with no document first."""
    project, ways = question.project, tuple(label(way) for way in question.recipe.ways)
    now, *after = (
        lists.located(project.settings, lists.resolve(project.settings, steps)) for steps in (question.steps, *variants)
    )
    for steps in after:
        trial.curating(steps)
    return Asked(now, tuple(after), ways, question.recipe.prefer)


def _rehearse(question: _Question, asked: Asked, folder: Path | None) -> list[Tally]:
    """One tally for each list of steps; changed rows go to `folder`, where one is given."""
    storage = question.project.lake.storage
    tasks = [
        Task(f"{crawl}.{file.shard}", {
            "storage": storage, "asked": asked, "crawl": crawl, "published": file.name,
            "sources": shards[file.shard]["sources"], "limit_s": question.project.settings.page_timeout_s,
            "out": None if folder is None else str(folder / f"{crawl}.{number}.parquet"),
        })
        for crawl, (files, shards) in question.files.items() for number, file in enumerate(files)
    ]  # fmt: skip
    totals = [Tally() for _ in asked.after]
    for found in _mapped(question, asked, tasks):
        for total, tally in zip(totals, found, strict=True):
            total.add(tally)
    return totals


def _mapped(question: _Question, asked: Asked, tasks: Sequence[Task]) -> Iterator[list[Tally]]:
    # A step of a project may not end on a document; a worker does.
    if asked.by_signals and not asked.has_own and question.documents * len(asked.after) < ALONE:
        yield from (work(task, None) for task in tasks)
        return
    for _, found in question.project.engine.map(work, tasks):
        yield found


@contextmanager
def _connected(question: _Question) -> Iterator[duckdb.DuckDBPyConnection]:
    storage = question.project.lake.storage
    with connect(storage) as db, tempfile.TemporaryDirectory(prefix="headwater-") as place:
        db.execute("set temp_directory = $place", {"place": place})
        columns = "crawl, domain, language, outcome, rule, chars"
        source = parquet(uris(storage, question.published))
        db.execute(f"create temp view published as select {columns} from {source}")
        yield db


@contextmanager
def _changes(question: _Question, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with _connected(question) as db:
        files = sorted(str(path) for path in folder.glob("*.parquet"))
        db.execute(f"create temp view changes as from {parquet(files)}")
        yield db


def _of(question: _Question, sets: Sequence[Setting]) -> dict[str, Any]:
    """What is asked of what."""
    recipe = question.recipe
    return {
        "recipe": recipe.name,
        "crawls": list(question.files),
        "not_filtered_yet": list(question.missing),
        "set": [
            {"option": str(s.address), "before": before(question.steps, recipe, s.address), "after": s.value}
            for s in sets
        ],
    }


def _read(asked: Asked, tally: Tally) -> dict[str, Any]:
    """By which way the answer was found."""
    if asked.by_signals:
        return {"read": {"way": "signals", "because": "no step reads a text", "texts": 0}}
    first = asked.before[asked.head].name
    return {"read": {"way": "texts", "because": f"{first} reads texts", "texts": tally.read_anew}}


def _answer(db: duckdb.DuckDBPyConnection, examples: int) -> dict[str, Any]:
    now, said = fetch(db, _TOTALS).to_pylist()[0], fetch(db, _CHANGED).to_pylist()[0]
    chars = now["chars"] + said["chars_gained"] - said["chars_lost"] + said["chars_other"]
    after = now["documents"] + said["gained"] - said["lost"]
    return {
        "documents": {"before": now["documents"], "after": after, **{k: said[k] for k in _MOVES}},
        "chars": {
            "before": now["chars"], "after": chars, "gained": said["chars_gained"], "lost": said["chars_lost"],
            "other_text": said["chars_other"],
        },
        **{f"by_{name}": _named(db, _BY, columns) for name, columns in _COLUMNS.items()},
        "by_rule": _named(db, _BY_RULE, ("", "", "")),
        "examples": {
            "gained": _examples(db, "becomes and not was", "after", "before", examples),
            "lost": _examples(db, "was and not becomes", "before", "after", examples),
        },
    }  # fmt: skip


def _named(db: duckdb.DuckDBPyConnection, query: str, columns: tuple[str, str, str]) -> dict[str, Any]:
    """The largest changes by name, and how many there are, vanish altogether, or come anew."""
    published, earlier, later = columns
    found = fetch(db, query.format(published=published, before=earlier, after=later)).to_pylist()
    return {
        "changed": len(found),
        "vanish": sum(row["after"] == 0 for row in found),
        "new": sum(row["before"] == 0 for row in found),
        "rows": found[:NAMED],
    }


def _examples(db: duckdb.DuckDBPyConnection, which: str, side: str, other: str, limit: int) -> list[dict[str, Any]]:
    query = _EXAMPLES.format(which=which, side=side, other=other)
    found: list[dict[str, Any]] = fetch(db, query, {"limit": limit}).to_pylist()
    return found
