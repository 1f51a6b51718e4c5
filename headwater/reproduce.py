"""Make a release again from the crawls, in a lake of its own, and compare the digest of every partition.

The recipe, the policy and the settings that decide rows are those that the release recorded; the steps are those of
the code that runs. What the lake holds is read to make nothing but what no crawl holds: tombstones, and facts that were
read on a day that is over.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa

from headwater import contrast, freshness, make, pipeline, releases
from headwater import recipe as recipes
from headwater.engine import Guard, Task
from headwater.errors import HeadwaterError, UnknownName, UserError
from headwater.lake import audit, tombstones
from headwater.lake.digest import of_batches
from headwater.lake.files import read_batches, shard_of
from headwater.lake.lineage import Partition, Provenance, canonical
from headwater.lake.tables import table
from headwater.pipeline import Plan
from headwater.project import Project
from headwater.recipe import Recipe
from headwater.releases import Pinned, Release
from headwater.rights import policy as policies
from headwater.rights.policy import Policy
from headwater.settings import OpenLineage

State = Literal["equal", "differs", "cannot", "given"]
STATES: tuple[State, ...] = get_args(State)
Place = tuple[str, tuple[tuple[str, str], ...]]

# Tables in which no document's row depends on another document: there a takedown explains its own documents alone.
BY_DOCUMENT = ("raw", "extracted", "signals", "filtered")

# Columns that number the versions of the lake they are in: rows are compared by everything else.
OF_THE_LAKE = {"proxy_model": ("tokenized_version",)}


@dataclass(frozen=True)
class Row:
    """One partition and what became of it.

    `equal`; `differs`; `cannot` be made the same here, and `why` says what stands in the way; or `given`: no crawl
    holds it, so it was taken as it is. `on_purpose` is true where a takedown is why.
    """

    table: str
    partition: Partition
    state: State
    why: str = ""
    rows: int = 0
    seconds: float = 0.0
    on_purpose: bool = False


@dataclass(frozen=True)
class Reproduction:
    """What became of each partition of a release, and how long all of it took."""

    release: str
    rows: tuple[Row, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every partition is equal, given, or missing documents on purpose."""
        return all(row.state in ("equal", "given") or row.on_purpose for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """The answer as others may rely on it."""
        rows = [{**asdict(row), "partition": dict(row.partition)} for row in self.rows]
        return {"release": self.release, "ok": self.ok, "seconds": round(self.seconds, 1), "partitions": rows}


@dataclass(frozen=True)
class Recorded(Project):
    """A project whose recipe, policy and crawls are those that a release recorded, whatever its files say today."""

    release: Release
    text: Recipe
    rules: Path
    began: tuple[tuple[str, str], ...]

    def recipe_names(self) -> list[str]:
        """The release's recipe alone."""
        return [self.text.name]

    def recipe(self, name: str) -> Recipe:
        """The recipe as it was. Raises UnknownName for any other."""
        if name != self.text.name:
            raise UnknownName.among("recipe of this release", name, [self.text.name])
        return self.text

    def policy(self, name: str) -> Policy:
        """The policy as it was."""
        return policies.load(self.rules, name)

    @cached_property
    def started(self) -> Mapping[str, str]:
        """The release's crawls and when they began: what arrived since is not part of it."""
        return dict(self.began)


def reproduce(
    project: Project,
    name: str,
    folder: Path,
    *,
    to: str = freshness.ORDER[-1],
    progress: Callable[[Row], None] | None = None,
) -> Reproduction:
    """Make a release again, up to a table, in a lake under an empty `folder`. Raises UnknownName, or UserError."""
    if to not in freshness.ORDER:
        raise UnknownName.among("table", to, freshness.ORDER)
    if any(folder.iterdir()):
        raise UserError(f"{folder} is not empty; give a new folder, nothing was changed")
    begun = time.monotonic()
    release = releases.load(project, name)
    again = _recorded(project, release, folder)
    rows: dict[Place, Row] = {}
    try:
        _give_tombstones(project, again)
        for pin, give in _in_order(again, release, to):
            started = time.monotonic()
            row = _given(project, again, pin) if give else _made(project, again, pin, rows)
            row = replace(row, rows=pin.rows, seconds=round(time.monotonic() - started, 2))
            rows[_place(pin.table, pin.partition)] = row
            if progress is not None:
                progress(row)
    finally:
        again.engine.close()
    return Reproduction(name, tuple(rows.values()), time.monotonic() - begun)


def _recorded(project: Project, release: Release, folder: Path) -> Recorded:
    """The project as the release recorded it, on an empty lake."""
    told = folder / "recorded"
    told.mkdir()
    (told / f"{release.recipe}.yaml").write_text(release.details["recipe_text"], encoding="utf-8")
    recipe = recipes.load(told, release.recipe)
    wanted = {pin.partition["crawl"] for pin in release.pinned if "crawl" in pin.partition}
    said = release.details["settings"]
    settings = replace(
        project.settings,
        lake=str(folder / "lake"),
        lake_options={},
        openlineage=OpenLineage(),
        max_page_bytes=said["max_page_bytes"],
        page_timeout_s=said["page_timeout_s"],
    )
    began = tuple((crawl, at) for crawl, at in project.started_in_lake.items() if crawl in wanted)
    return Recorded(settings, release, recipe, _policies(project, release, recipe, told / "policies"), began)


def _policies(project: Project, release: Release, recipe: Recipe, folder: Path) -> Path:
    """A folder of policies: the project's, with the recipe's own as the release recorded it."""
    if project.settings.policy_folder.is_dir():
        shutil.copytree(project.settings.policy_folder, folder)
    text = release.details.get("policy_text")
    if text:
        folder.mkdir(exist_ok=True)
        (folder / f"{recipe.policy}.yaml").write_text(text, encoding="utf-8")
    return folder


def _give_tombstones(project: Project, again: Project) -> None:
    """Give the new lake what must not come back, so that a page that was taken down is `removed` there as well."""
    for partition in project.lake.partitions(tombstones.TABLE):
        commit = project.lake.published(tombstones.TABLE, partition)
        if commit is not None and commit.provenance is not None:
            files = [f.name for f in project.lake.files(tombstones.TABLE, partition)]
            _copy(project, again, commit.provenance, files)


def _in_order(again: Recorded, release: Release, to: str) -> Iterator[tuple[Pinned, bool]]:
    """The pins in an order in which they can be made; first, marked, those that are made from no crawl."""
    after = freshness.ORDER[freshness.ORDER.index(to) + 1 :]
    pins = {_place(pin.table, pin.partition): pin for pin in release.pinned if pin.table not in after}
    targets = freshness.targets(again.text, again.crawls(again.text), to)
    made = [place for t in targets if (place := _place(t.table, t.partition)) in pins]
    yield from ((pin, True) for place, pin in pins.items() if place not in made)
    yield from ((pins[place], False) for place in made)


def _place(name: str, partition: Partition) -> Place:
    return name, tuple(sorted(partition.items()))


def _given(project: Project, again: Project, pin: Pinned) -> Row:
    digest = _copy(project, again, _said(project, pin), list(pin.files)).digest
    why = "no crawl holds it: it was taken as it is"
    return Row(pin.table, pin.partition, "given" if digest == pin.digest else "differs", why)


def _copy(project: Project, again: Project, said: Provenance, files: list[str]) -> Provenance:
    """Publish a partition as it is in another lake, made as its record says."""
    shards = {shard_of(name): {"name": name, "storage": project.lake.storage} for name in files}
    plan = Plan(
        table=said.table,
        partition=said.partition,
        inputs=said.inputs,
        steps=said.steps,
        options=said.options,
        shards=shards,
        work=copy_shard,
        details=said.details,
    )
    return pipeline.publish(again.lake, plan, again.engine).provenance


def copy_shard(task: Task, guard: Guard) -> None:
    """Write one shard as it is in another lake."""
    with task.arguments["draft"].writer(task.shard) as writer:
        for batch in read_batches(task.arguments["storage"], task.arguments["name"]):
            writer.write(batch)


def _said(project: Project, pin: Pinned) -> Provenance:
    commit = next((c for c in project.lake.log(pin.table) if c.version == pin.version), None)
    if commit is None or commit.provenance is None:
        raise UserError(f"{pin.table}@{pin.version} is not in the log; run headwater verify")
    return commit.provenance


def _made(project: Project, again: Project, pin: Pinned, before: Mapping[Place, Row]) -> Row:
    """Make one partition and say what it is beside the pinned one."""
    said = _said(project, pin)
    fed = [row for i in said.inputs if (row := before.get(_place(i.table, i.partition))) is not None]
    for row in fed:
        if row.state == "cannot" and again.lake.published(row.table, row.partition) is None:
            return replace(row, table=pin.table, partition=pin.partition, why=f"{_named(row)} could not be made")
    try:
        plan = again.plan(pin.table, pin.partition)
        new = make.make(again, pin.table, pin.partition)
    except HeadwaterError as error:
        return Row(pin.table, pin.partition, "cannot", str(error))
    if new.provenance.digest == pin.digest:
        return Row(pin.table, pin.partition, "equal")
    without = OF_THE_LAKE.get(pin.table, ())
    if without and _digests(project, pin.files, pin.table) == _digests(again, _files(again, pin), pin.table):
        return Row(
            pin.table, pin.partition, "equal", f"but for {', '.join(without)}, which counts a lake's own versions"
        )
    return _unlike(project, again, pin, said, plan, new.provenance, fed)


def _unlike(
    project: Project, again: Project, pin: Pinned, said: Provenance, plan: Plan, new: Provenance, fed: list[Row]
) -> Row:
    """The row of a partition that came out otherwise: by a known reason, by what it was made from, or for no reason."""
    count = f"{_differing(project, again, pin)} of {pin.rows} rows are not there again"
    removed = [o.row_flow.get("outcomes", {}).get(tombstones.REMOVED, 0) for o in (said, new)]
    if pin.amended_by or removed[1] > removed[0]:
        gone = (
            f"takedown {', '.join(pin.amended_by)} amended it" if pin.amended_by else "documents were taken down since"
        )
        others = _differing(project, again, pin, others=True) if pin.table in BY_DOCUMENT else 0
        if others:
            return Row(pin.table, pin.partition, "differs", f"{gone}, and {others} rows of other documents differ")
        why = f"{gone}: {max(removed)} are missing on purpose; {count}"
        return Row(pin.table, pin.partition, "cannot", why, on_purpose=True)
    known = "; ".join(reasons(said, plan))
    if known:
        return Row(pin.table, pin.partition, "cannot", f"{known}; {count}")
    worse = [row for row in fed if row.state in ("differs", "cannot")]
    if worse:
        state: State = "differs" if any(row.state == "differs" for row in worse) else "cannot"
        why = f"made from {', '.join(map(_named, worse))}; {count}"
        return Row(pin.table, pin.partition, state, why, on_purpose=all(row.on_purpose for row in worse))
    device = _trained_on(project, pin)
    if device is not None:
        why = f"trained on {device}, which promises the same order of data and not the same bits; {count}"
        return Row(pin.table, pin.partition, "cannot", why)
    return Row(pin.table, pin.partition, "differs", count)


def reasons(said: Provenance, plan: Plan) -> Iterator[str]:
    """What is otherwise here than was recorded and decides rows: steps, options, and what is read from outside."""
    for name in sorted(said.steps.keys() | plan.steps.keys()):
        was, now = said.steps.get(name), plan.steps.get(name)
        if was != now:
            yield f"{name} has VERSION {now} here and had {was}"
    before, after = dict(contrast.flat(said.options)), dict(contrast.flat(_plain(plan.options)))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name} is {_short(after.get(name))} here and was {_short(before.get(name))}"
    outside = [{i.table: i.digest for i in inputs if i.version is None} for inputs in (said.inputs, plan.inputs)]
    for name in sorted(outside[0].keys() | outside[1].keys()):
        if outside[0].get(name) != outside[1].get(name):
            yield f"{name} is not what was read then"


def _plain(options: Mapping[str, Any]) -> Any:
    """Options as a record gives them back: tuples as lists."""
    return json.loads(canonical(options))


def _short(value: str | None) -> str:
    return "not there" if value is None else value if len(value) <= 40 else f"{value[:16]}..."


def _named(row: Row) -> str:
    return " ".join([row.table, *row.partition.values()])


def _files(again: Project, pin: Pinned) -> list[str]:
    return [f.name for f in again.lake.files(pin.table, pin.partition)]


def _digests(project: Project, files: Sequence[str], name: str) -> list[str]:
    """The digests of files' rows, without the columns that are of one lake alone."""
    columns = [field for field in table(name).file_schema if field.name not in OF_THE_LAKE.get(name, ())]
    schema, storage = pa.schema(columns), project.lake.storage
    read = ((batch.select(schema.names).cast(schema) for batch in read_batches(storage, file)) for file in files)
    return sorted(of_batches(schema, batches)[0] for batches in read)


def _differing(project: Project, again: Project, pin: Pinned, *, others: bool = False) -> int:
    """How many of the pinned rows are not among the new ones, in any order; `others`: of documents that stay alone."""
    without = OF_THE_LAKE.get(pin.table, ())
    columns = ", ".join(f'"{name}"' for name, _ in table(pin.table).columns if name not in without)
    with audit.connect(project.lake.storage) as connection:
        old = audit.scan(connection, table(pin.table), audit.uris(project.lake.storage, pin.files))
        new = audit.scan(connection, table(pin.table), audit.uris(again.lake.storage, _files(again, pin)))
        gone = " union all ".join(f"select doc_id from {rows} where outcome = 'removed'" for rows in (old, new))
        where = f"where doc_id not in ({gone})" if others else ""
        query = f"select count(*) from (select {columns} from {old} except all select {columns} from {new}) {where}"
        found: int = audit.first(connection, query)[0]
    return found


def _trained_on(project: Project, pin: Pinned) -> str | None:
    """The accelerator that a pinned model was trained on; None for a CPU, and for what is no model."""
    if pin.table != "proxy_model":
        return None
    rows = (r for f in pin.files for b in read_batches(project.lake.storage, f, ["device"]) for r in b.to_pylist())
    return next((row["device"] for row in rows if not row["device"].startswith("cpu")), None)
