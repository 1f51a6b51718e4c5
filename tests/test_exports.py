"""An export is replaced whole, whatever kills the one who writes it, and can be made again from its release."""

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pytest

from headwater import exports
from headwater.errors import UnknownName, UserError
from headwater.lake.storage import Storage
from headwater.lake.store import Lake


@pytest.fixture
def project(tmp_path):
    return SimpleNamespace(lake=Lake(Storage(str(tmp_path / "lake"))))


@pytest.fixture
def place(project):
    return Path(project.lake.storage.uri("exports/r/k"))


def files(folder):
    found = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "export.json"}


def test_the_list_names_every_file_with_its_digest(project, place):
    export = exports.write(project, "r", "k", {"b.txt": b"two", "sub/a.txt": lambda file: file.write(b"one") and None})
    assert files(place) == {"b.txt": b"two", "sub/a.txt": b"one"}
    said = json.loads((place / "export.json").read_text())
    assert (said["release"], said["kind"]) == ("r", "k")
    assert said["files"] == [
        {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": 3}
        for name, data in [("b.txt", b"two"), ("sub/a.txt", b"one")]
    ]
    assert exports.find(project, "r", "k") == export
    assert exports.listed(project) == [export]


def test_a_kind_is_replaced_whole(project, place):
    exports.write(project, "r", "k", {"old.txt": b"old"})
    exports.write(project, "r", "k", {"new.txt": b"new"})
    assert files(place) == {"new.txt": b"new"}
    assert [p.name for p in place.parent.iterdir()] == ["k"]


def test_a_writer_that_fails_leaves_the_export_as_it_was(project, place):
    exports.write(project, "r", "k", {"a": b"old"})

    def fail(file):
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        exports.write(project, "r", "k", {"a": b"new", "b": fail})
    assert files(place) == {"a": b"old"}
    assert [e.files[0].bytes for e in exports.listed(project)] == [3]
    assert [p.name for p in place.parent.iterdir()] == ["k"]


def test_a_kill_before_the_list_is_written_goes_back(project, place):
    exports.write(project, "r", "k", {"a": b"old"})
    half = place.with_name(".k.new")
    half.mkdir()
    (half / "a").write_bytes(b"half")
    assert exports.find(project, "r", "k").files[0].bytes == 3
    assert files(place) == {"a": b"old"}
    assert not half.exists()


@pytest.mark.parametrize("moved", [False, True])
def test_a_kill_after_the_list_is_written_goes_forward(moved, project, place):
    exports.write(project, "r", "other", {"a": b"newer"})
    exports.write(project, "r", "k", {"a": b"old"})
    if moved:
        place.rename(place.with_name(".k.old"))
    place.with_name("other").rename(place.with_name(".k.new"))
    (export,) = exports.listed(project)
    assert export.files[0].bytes == 5
    assert files(place) == {"a": b"newer"}
    assert [p.name for p in place.parent.iterdir()] == ["k"]


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", ".a", "a//b", "", "export.json", "a\nb"])
def test_a_file_cannot_lie_elsewhere(name, project, place):
    with pytest.raises(UserError, match="a name is letters"):
        exports.write(project, "r", "k", {name: b""})
    assert not place.exists()


@pytest.mark.parametrize("name", ["..", "a/b", "", ".k"])
def test_neither_can_an_export(name, project):
    with pytest.raises(UserError, match="cannot name an export"):
        exports.write(project, name, "k", {})
    with pytest.raises(UserError, match="cannot name an export"):
        exports.write(project, "r", name, {})


def test_in_an_object_store_files_that_are_no_more_are_removed():
    project = SimpleNamespace(lake=Lake(Storage("memory://exports-test")))
    exports.write(project, "r", "k", {"old.txt": b"old", "both.txt": b"1"})
    export = exports.write(project, "r", "k", {"new.txt": b"new", "both.txt": b"2"})
    found = fsspec.filesystem("memory").find("/exports-test/exports/r/k")
    assert sorted(name.rsplit("/", 1)[1] for name in found) == ["both.txt", "export.json", "new.txt"]
    assert exports.find(project, "r", "k") == export


def test_an_unknown_kind_is_refused_with_the_known_ones(tiny_lake):
    with pytest.raises(UnknownName, match=r"no export 'parquets'; have: .*jsonl.*report"):
        exports.make(tiny_lake, SimpleNamespace(name="r"), "parquets")


def test_what_was_never_exported_is_not_made(tiny_lake):
    assert exports.remake(tiny_lake, "never") == []


@pytest.fixture
def exported(built, tmp_path):
    """A release up to `mixed`, where no token is counted, with its exports."""
    from headwater import releases
    from tests import chain

    folder = shutil.copytree(built, tmp_path / "project")
    with chain.opened(folder) as project:
        release = releases.create(project, "first", "tiny", to="mixed")
        exports.make(project, release, "report")
        exports.make(project, release, "jsonl", {"compression": "gz"})
        yield project


def test_all_exports_of_a_release_are_made_again_with_their_options(exported):
    again = exports.remake(exported, "first")
    assert [e.kind for e in again] == ["jsonl", "report"]
    assert again[0].options["compression"] == "gz"
    report = json.loads(exported.lake.storage.read("exports/first/report/croissant.json"))
    assert report["distribution"][0]["name"] == "00000.jsonl.gz"


def test_a_release_without_a_stream_has_estimated_tokens_and_says_so(exported):
    from tests import chain

    said = json.loads(exported.lake.storage.read("exports/first/report/numbers.json"))
    (tokens,) = [n for n in said["numbers"] if n["name"] == "training.tokens"]
    assert tokens["unit"] == "tokens, estimated at four bytes each"
    kept = [r for r in chain.rows(exported, "mixed") if r["outcome"] == "kept"]
    assert tokens["value"] == sum(r["tokens_estimate"] * r["copies"] for r in kept)
