"""The graph of versions: which version of which partition was made from which, read from the Delta logs alone.

A node is one commit; an edge says that one commit read another. What a log does not hold, or holds otherwise than was
read, stays in the graph and is marked: a lineage with a hole must show the hole.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from headwater import releases
from headwater.errors import NotFound, UserError
from headwater.lake.lineage import Input, Partition
from headwater.lake.store import Lake, Published
from headwater.lake.tables import TABLES, table
from headwater.project import Project

State = Literal["live", "superseded", "outside", "missing", "unrecorded"]
BROKEN: tuple[State, ...] = ("missing", "unrecorded")

# Records about the lake, not data made from data: they are in a graph only when asked for, or when they read something.
BESIDE = releases.UNPINNED


@dataclass(frozen=True)
class Node:
    """One version of one partition, or something outside the lake that was read (`version` None).

    `state` is `live` (the newest of its partition), `superseded`, `outside`, `missing` (no such version in the log) or
    `unrecorded` (a commit without a lineage record). `count` is above one where several crawls are drawn as one.
    """

    id: str
    table: str
    version: int | None
    partition: Partition
    state: State
    rows: int = 0
    outcomes: Mapping[str, int] | None = None
    fingerprint: str = ""
    digest: str = ""
    time: datetime | None = None
    problem: str = ""
    count: int = 1

    @property
    def broken(self) -> bool:
        """Whether the chain does not close at this node."""
        return self.state in BROKEN


@dataclass(frozen=True)
class Edge:
    """`reader` was made from `source`; `problem` says in what the source is not what was read."""

    source: str
    reader: str
    problem: str = ""


@dataclass(frozen=True)
class Graph:
    """Nodes by id in order of discovery, edges, and the ids that were asked for."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    asked: tuple[str, ...]
    downstream: bool = False

    @property
    def broken(self) -> int:
        """How many nodes and edges do not close."""
        return sum(node.broken for node in self.nodes.values()) + sum(bool(edge.problem) for edge in self.edges)

    def neighbours(self) -> dict[str, list[Edge]]:
        """For each node the edges that lead on in the direction of the graph, in the order they were recorded."""
        found: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            found[edge.source if self.downstream else edge.reader].append(edge)
        return found

    def beyond(self, edge: Edge) -> str:
        """The far end of an edge, in the direction of the graph."""
        return edge.reader if self.downstream else edge.source

    def to_json(self) -> dict[str, Any]:
        """The graph as others may rely on it."""
        return {
            "asked": list(self.asked),
            "direction": "downstream" if self.downstream else "upstream",
            "nodes": [_node_json(node) for node in self.nodes.values()],
            "edges": [{"source": e.source, "reader": e.reader, "problem": e.problem or None} for e in self.edges],
            "broken": self.broken,
        }


def _node_json(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "table": node.table,
        "version": node.version,
        "partition": dict(node.partition),
        "state": node.state,
        "rows": None if node.outcomes is None else node.rows,
        "outcomes": None if node.outcomes is None else dict(node.outcomes),
        "fingerprint": node.fingerprint or None,
        "digest": node.digest or None,
        "time": None if node.time is None else node.time.isoformat(timespec="seconds"),
        "problem": node.problem or None,
    }


def of_version(project: Project, name: str, *, downstream: bool = False) -> Graph:
    """What TABLE@VERSION was made from, or what was made from it. Raises UserError, UnknownName or NotFound."""
    found = place(project.lake, name)
    return _grown(project.lake, [found], downstream=downstream)


def of_release(project: Project, name: str, *, downstream: bool = False) -> Graph:
    """What a release's versions were made from, or what was made from them. Raises UnknownName."""
    pinned = releases.load(project, name).pinned
    return _grown(project.lake, [_id(p.table, p.version) for p in pinned], downstream=downstream)


def of_everything(project: Project, *, downstream: bool = False) -> Graph:
    """All that is live, what it was made from, and every commit that has no record."""
    return _grown(project.lake, list(_live(project.lake)), downstream=downstream)


def of_commits(lake: Lake, commits: Iterable[tuple[str, int]]) -> Graph:
    """What some commits, by table and version, were made from."""
    return _grown(lake, [_id(name, version) for name, version in commits], downstream=False)


def place(lake: Lake, name: str) -> str:
    """TABLE@VERSION as a node's id. Raises UserError, UnknownName or NotFound."""
    head, _, version = name.partition("@")
    if not version.isdecimal():
        raise UserError(f"{name!r} is not TABLE@VERSION, for example tokenized@1; headwater status lists the versions")
    described = table(head)
    log = {commit.version: commit for commit in lake.log(described.name)}
    if int(version) not in log:
        known = f"have 0 to {max(log)}" if log else "it was never written"
        raise NotFound(f"table {head} has no version {version}; {known}")
    return _id(head, int(version))


def _id(name: str, version: int | None, digest: str = "") -> str:
    return f"{name}#{digest[:8]}" if version is None else f"{name}@{version}"


def _live(lake: Lake) -> Iterator[str]:
    for name in (n for n in TABLES if n not in BESIDE):
        seen = set()
        for commit in lake.log(name):
            said = commit.provenance
            if said is None and not commit.operation.startswith("VACUUM"):
                yield _id(name, commit.version)
            elif said is not None and said.key and _key(said.partition) not in seen:
                seen.add(_key(said.partition))
                yield _id(name, commit.version)


def _key(partition: Partition) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(partition.items()))


class _Logs:
    """Every commit by table and version, and which of them are live; each log is read once."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._commits: dict[str, dict[int, Published]] = {}
        self._newest: dict[str, set[int]] = {}

    def commits(self, name: str) -> dict[int, Published]:
        """Commits of a table by version; none where there is no table of this name."""
        if name not in self._commits:
            log = self._lake.log(name) if name in TABLES else []
            self._commits[name] = {commit.version: commit for commit in log}
            newest: dict[tuple[tuple[str, str], ...], int] = {}
            for commit in log:
                if commit.provenance is not None:
                    newest.setdefault(_key(commit.provenance.partition), commit.version)
            self._newest[name] = set(newest.values())
        return self._commits[name]

    def node(self, name: str, version: int) -> Node:
        """The node of one version, whether or not it is there."""
        commit = self.commits(name).get(version)
        if commit is None:
            return Node(_id(name, version), name, version, {}, "missing", problem="no such version in the log")
        said = commit.provenance
        if said is None:
            problem = f"{commit.operation} without a lineage record"
            return Node(_id(name, version), name, version, {}, "unrecorded", time=commit.time, problem=problem)
        return Node(
            _id(name, version), name, version, dict(said.partition),
            "live" if version in self._newest[name] else "superseded",
            said.rows, dict(said.row_flow.get("outcomes", {})), said.fingerprint, said.digest, commit.time,
        )  # fmt: skip

    def source(self, read: Input) -> tuple[Node, str]:
        """The node that an input names, and in what it is not what was read."""
        if read.version is None:
            name = _id(read.table, None, read.digest)
            return Node(name, read.table, None, dict(read.partition), "outside", digest=read.digest), ""
        node = self.node(read.table, read.version)
        if node.broken:
            return replace(node, partition=dict(read.partition), digest=read.digest), ""
        same = node.digest == read.digest and dict(node.partition) == dict(read.partition)
        return node, "" if same else "holds other rows than were read"

    def readers(self) -> dict[str, list[tuple[str, int, Input]]]:
        """For every version, which commits read it."""
        found: dict[str, list[tuple[str, int, Input]]] = defaultdict(list)
        for name in TABLES:
            for version, commit in sorted(self.commits(name).items()):
                for read in commit.provenance.inputs if commit.provenance is not None else ():
                    found[_id(read.table, read.version, read.digest)].append((name, version, read))
        return found


def _grown(lake: Lake, asked: Sequence[str], *, downstream: bool) -> Graph:
    logs = _Logs(lake)
    readers = logs.readers() if downstream else {}
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str], Edge] = {}
    waiting = [logs.node(name, int(version)) for name, version in (a.rsplit("@", 1) for a in asked)]
    for node in waiting:
        nodes.setdefault(node.id, node)
    while waiting:
        node = waiting.pop(0)
        for source, reader, problem in _steps(logs, node, readers if downstream else None):
            edges[source.id, reader.id] = Edge(source.id, reader.id, problem)
            for found in (source, reader):
                if found.id not in nodes:
                    nodes[found.id] = found
                    waiting.append(found)
    return Graph(nodes, tuple(edges.values()), tuple(dict.fromkeys(asked)), downstream)


def _steps(
    logs: _Logs, node: Node, readers: Mapping[str, list[tuple[str, int, Input]]] | None
) -> Iterator[tuple[Node, Node, str]]:
    """The edges at a node: to what it read, or, where the readers are given, to what read it."""
    if readers is not None:
        for name, version, read in readers.get(node.id, []):
            yield node, logs.node(name, version), logs.source(read)[1]
        return
    commit = logs.commits(node.table).get(node.version) if node.version is not None else None
    for read in commit.provenance.inputs if commit is not None and commit.provenance is not None else ():
        source, problem = logs.source(read)
        yield source, node, problem


def collapsed(graph: Graph, crawls: int) -> Graph:
    """The graph with crawls drawn as one node wherever a table has more of them than `crawls`; broken nodes stay."""
    stays = {end for edge in graph.edges if edge.problem for end in (edge.source, edge.reader)}
    of_crawls = {edge.source for edge in graph.edges if "crawl" in graph.nodes[edge.reader].partition}
    groups: dict[tuple[Any, ...], list[Node]] = defaultdict(list)
    for node in graph.nodes.values():
        if not node.broken and node.id not in stays and (sign := _crawl_group(node, of_crawls)) is not None:
            groups[sign].append(node)
    into = {node.id: _merged(group) for group in groups.values() if len(group) > max(1, crawls) for node in group}
    nodes = {n.id: n for n in (into.get(node.id, node) for node in graph.nodes.values())}
    renamed = {name: into[name].id if name in into else name for name in graph.nodes}
    edges = {
        (renamed[e.source], renamed[e.reader], e.problem): Edge(renamed[e.source], renamed[e.reader], e.problem)
        for e in graph.edges
        if renamed[e.source] != renamed[e.reader]
    }
    asked = tuple(dict.fromkeys(renamed[name] for name in graph.asked))
    return Graph(nodes, tuple(edges.values()), asked, graph.downstream)


def _crawl_group(node: Node, of_crawls: set[str]) -> tuple[Any, ...] | None:
    """What a node may be drawn together with: the same of other crawls."""
    if node.state == "outside" and node.id in of_crawls:
        return (_kind(node), node.state)
    if "crawl" in node.partition:
        return (node.table, node.state, _key({k: v for k, v in node.partition.items() if k != "crawl"}))
    return None


def _kind(node: Node) -> str:
    # What is outside is named by its kind and its crawl: `crawl-data/CRAWL`, `robots of CRAWL`, `wet of CRAWL`.
    return re.split(r"[/ ]", node.table)[0] if node.state == "outside" else node.table


def _merged(group: Sequence[Node]) -> Node:
    first = group[0]
    outcomes: dict[str, int] = {}
    for node in group:
        for name, count in (node.outcomes or {}).items():
            outcomes[name] = outcomes.get(name, 0) + count
    partition = {k: v for k, v in first.partition.items() if k != "crawl"}
    name = _kind(first)
    prints, times = {node.fingerprint for node in group}, [node.time for node in group if node.time is not None]
    return replace(
        first,
        id=f"{name}*{first.state}*{' '.join(partition.values())}",
        table=name,
        version=None,
        partition=partition,
        rows=sum(node.rows for node in group),
        outcomes=None if first.outcomes is None else dict(sorted(outcomes.items())),
        fingerprint=prints.pop() if len(prints) == 1 else "",
        digest="",
        time=max(times, default=None),
        count=len(group),
    )
