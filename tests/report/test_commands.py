"""`headwater report` and `headwater export`, as people run them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headwater import releases
from tests import chain


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory):
    folder = shutil.copytree(built, tmp_path_factory.mktemp("commands") / "project")
    with chain.opened(folder) as project:
        releases.create(project, "first", "tiny", to="tokenized")
    return folder


def run(folder, *arguments):
    command = [Path(sys.executable).with_name("headwater"), "--project", folder, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_report_is_written_and_says_how_complete_it_is(folder):
    done = run(folder, "report", "first", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {"eu-summary.html", "croissant.json", "README.md", "numbers.json"} <= {f["name"] for f in said["files"]}
    assert all((folder / "lake/exports/first/report" / f["name"]).stat().st_size == f["bytes"] for f in said["files"])
    assert 0 < said["completeness"]["eu-summary"]["answered"] < said["completeness"]["eu-summary"]["fields"]


def test_an_export_is_written_with_its_options(folder):
    done = run(folder, "export", "first", "--option", "compression=gz", "--option", "bytes_per_file=200000", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said["files"]) > 1
    assert said["options"] == {"compression": "gz", "bytes_per_file": 200000}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("report", "nope"), 2, "no release 'nope'; have: first"),
        (("report",), 2, "give either a release or --template"),
        (("export", "first", "--format", "nope"), 2, "no export 'nope'; have: "),
        (("export", "first", "--option", "colour=red"), 2, "no option of jsonl 'colour'; have: "),
        (("export", "first", "--option", "compression=lz4"), 2, "jsonl.compression: expected"),
        (("export", "first", "--option", "gz"), 2, "give NAME=VALUE"),
    ],
)
def test_what_was_asked_wrong_is_said(arguments, code, words, folder):
    done = run(folder, *arguments)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr


def test_the_template_is_written_once(tmp_path):
    folder = chain.lay_out(tmp_path / "project")
    assert run(folder, "report", "--template").returncode == 0
    assert (folder / "provider.yaml").read_text().startswith("# What no machine can know")
    assert run(folder, "report", "--template").returncode == 2
