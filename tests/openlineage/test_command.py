"""`headwater openlineage`: events of commits that are there, printed or sent."""

import json

import pytest
from typer.testing import CliRunner

from headwater import openlineage
from headwater.cli import app
from headwater.errors import MissingInput, NotFound, UnknownName, UserError


@pytest.fixture
def command(copied, monkeypatch):
    """Runs a command line on a copy of the built project; an error of ours comes out as it is."""
    monkeypatch.setenv("HEADWATER_PROJECT", str(copied))

    def call(*said):
        result = CliRunner().invoke(app, ["openlineage", *said])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.stdout

    return call


def test_one_commit_is_printed_as_lines(command, tiny_lake):
    told = [json.loads(line) for line in command("deduped@2").splitlines()]
    assert [event["eventType"] for event in told] == ["START", "COMPLETE"]
    assert told[1]["outputs"][0]["facets"]["version"]["datasetVersion"] == "2"


def test_without_a_version_it_is_the_newest(command):
    assert command("deduped") == command("deduped@2")


def test_all_are_those_of_the_log(command, copy):
    assert [json.loads(line) for line in command("--all").splitlines()] == list(openlineage.of_lake(copy))


def test_they_are_sent_to_what_is_set_and_not_twice(command, copied, set_lineage):
    set_lineage(copied, file="all.jsonl")
    said = command("--all", "--send")
    count = len((copied / "all.jsonl").read_text().splitlines())
    assert said == f"{count} events sent or kept for the next time\n"
    assert command("--all", "--send").startswith("0 events")


@pytest.mark.parametrize(("said", "error", "message"), [
    ((), UserError, "give either TABLE@VERSION or --all"),
    (("raw", "--all"), UserError, "give either TABLE@VERSION or --all"),
    (("rww",), UnknownName, "no table 'rww'"),
    (("raw@x",), UserError, "version 'x' is not a number"),
    (("raw@7",), NotFound, "no version 7"),
    (("proxy_model",), NotFound, "has no version yet"),
    (("raw", "--send"), MissingInput, "openlineage is not set in headwater.yaml"),
])  # fmt: skip
def test_what_cannot_be_answered_says_why(command, said, error, message):
    with pytest.raises(error, match=message):
        command(*said)
