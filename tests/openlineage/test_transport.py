"""Events reach a file and an HTTP endpoint; what cannot be sent is said, kept, and sent the next time."""

import gzip
import json
import logging
import signal
import subprocess
import sys
import time
import tracemalloc

import pytest

from headwater import make, openlineage
from headwater.errors import AuditFailed, MissingInput, WorkerFailed
from headwater.lake.audit import Check
from headwater.openlineage import transport
from headwater.openlineage.transport import FOLDER, File, Outbox
from headwater.settings import OpenLineage
from tests import chain
from tests.openlineage.schemas import problems

FIRST = {"crawl": "SAMPLE-2024-10"}


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def kinds(events):
    return [(event["job"]["name"], event["eventType"]) for event in events]


def run(project, expect=None):
    return make.make(project, "sources", FIRST, expect=expect)


def spool(project):
    return project.settings.folder / FOLDER / "http.jsonl"


def event(number, kind="START"):
    return {"run": {"runId": str(number)}, "eventType": kind}


def outbox(tmp_path, url, **how):
    return Outbox(transport.Http(OpenLineage(url=url, **how)), tmp_path)


def test_nothing_is_told_unless_it_is_asked_for(tmp_path):
    folder = chain.lay_out(tmp_path / "project")
    with chain.opened(folder) as project:
        assert openlineage.tellers(project) == ()
        run(project)
        openlineage.emit(project, "sources", 1)
    assert not (folder / FOLDER).exists()


def test_the_client_is_not_imported_where_nothing_is_told():
    code = "import sys, headwater.make; assert 'openlineage.client' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=chain.ROOT, check=False).returncode == 0


def test_a_file_gets_the_events_of_a_run_and_they_are_those_of_the_log(telling):
    project = telling(file="events/all.jsonl")
    chain.run(project, to="raw", crawls=["SAMPLE-2024-10"])
    told = lines(project.settings.folder / "events/all.jsonl")
    assert kinds(told) == [
        ("sources", "START"), ("sources", "COMPLETE"), ("raw", "START"), ("raw", "COMPLETE"),
    ]  # fmt: skip
    assert told == list(openlineage.of_lake(project))
    assert [problem for one in told for problem in problems(one)] == []


def test_a_partition_that_is_current_tells_nothing(telling):
    project = telling(file="all.jsonl")
    for _ in range(2):
        run(project)
    assert len(lines(project.settings.folder / "all.jsonl")) == 2


def test_a_start_is_told_before_the_work_and_its_time_is_in_the_record(telling):
    project = telling(file="all.jsonl")
    seen = []
    outcome = run(project, lambda view: seen.extend(lines(project.settings.folder / "all.jsonl")) or [])
    assert kinds(seen) == [("sources", "START")]
    assert seen[0]["eventTime"] == outcome.provenance.started
    assert seen[0]["run"]["runId"].replace("-", "") == outcome.provenance.run


def test_a_refused_draft_is_a_failure_with_its_message_and_checks(telling):
    project = telling(file="all.jsonl")
    with pytest.raises(AuditFailed):
        run(project, lambda view: [Check("sizes_are_known", False, True, "2 are not")])
    start, end = lines(project.settings.folder / "all.jsonl")
    assert (start["eventType"], end["eventType"]) == ("START", "FAIL")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert (
        "AuditFailed: sources SAMPLE-2024-10: sizes_are_known (2 are not)"
        in end["run"]["facets"]["errorMessage"]["message"]
    )
    (said,) = end["outputs"][0]["outputFacets"]["dataQualityAssertions"]["assertions"]
    assert (said["assertion"], said["success"], said["actual"]) == ("sizes_are_known", False, "2 are not")
    assert "version" not in end["outputs"][0]["facets"]
    assert problems(end) == []


def test_a_failure_quotes_nothing_that_a_worker_met(telling):
    project = telling(file="all.jsonl")
    broken = WorkerFailed("shard 7: ValueError('the text of a page')")
    broken.__cause__ = ValueError("the text of a page")

    def fail(view):
        raise broken

    with pytest.raises(WorkerFailed):
        run(project, fail)
    (_, end) = lines(project.settings.folder / "all.jsonl")
    said = end["run"]["facets"]["errorMessage"]["message"]
    assert said == "WorkerFailed of ValueError; the run's own log says more"


def test_an_interrupted_run_is_aborted(telling):
    def interrupt(view):
        raise KeyboardInterrupt

    project = telling(file="all.jsonl")
    with pytest.raises(KeyboardInterrupt):
        run(project, interrupt)
    assert kinds(lines(project.settings.folder / "all.jsonl"))[-1] == ("sources", "ABORT")


def test_a_run_that_failed_after_its_commit_is_complete(telling, monkeypatch):
    from headwater import pipeline

    def broken(*said, **named):
        raise OSError("the disk is gone")

    project = telling(file="all.jsonl")
    monkeypatch.setattr(pipeline, "Outcome", broken)
    with pytest.raises(OSError, match="the disk is gone"):
        run(project)
    assert lines(project.settings.folder / "all.jsonl") == list(openlineage.of_lake(project))


def test_an_endpoint_gets_each_event_with_its_key(telling, endpoint, monkeypatch):
    monkeypatch.setenv("LINEAGE_KEY", "s3cret")
    server = endpoint()
    project = telling(url=server.url, endpoint="openapi/openlineage/api/v1/lineage", api_key_env="LINEAGE_KEY")
    run(project)
    assert server.asked == [("/openapi/openlineage/api/v1/lineage", "Bearer s3cret", 201)] * 2
    assert server.taken == list(openlineage.of_lake(project))
    assert not spool(project).exists()


def test_the_key_is_in_no_file_of_the_project(telling, endpoint, monkeypatch, caplog):
    monkeypatch.setenv("LINEAGE_KEY", "s3cret")
    with caplog.at_level(logging.DEBUG):
        project = telling(url=endpoint(answer=500).url, api_key_env="LINEAGE_KEY")
        run(project)
    assert spool(project).exists()
    assert not [f for f in project.settings.folder.rglob("*") if f.is_file() and b"s3cret" in f.read_bytes()]
    assert "s3cret" not in caplog.text


def test_a_dead_endpoint_fails_no_run_and_gets_the_events_when_it_lives_again(telling, endpoint, caplog):
    dead = endpoint()
    port = dead.server_address[1]
    dead.stop()
    project = telling(url=dead.url)
    assert run(project).written
    assert "OpenLineage events not sent, kept in" in caplog.text
    assert lines(spool(project)) == list(openlineage.of_lake(project))
    alive = endpoint(port=port)
    transport.outboxes.cache_clear()
    make.make(project, "raw", FIRST)
    assert kinds(alive.taken) == [
        ("sources", "START"), ("sources", "COMPLETE"), ("raw", "START"), ("raw", "COMPLETE"),
    ]  # fmt: skip
    assert not spool(project).exists()


def test_an_endpoint_that_does_not_answer_is_asked_once_and_then_left_in_peace(tmp_path, endpoint):
    server = endpoint(answer=lambda event: time.sleep(1) or 201)
    box = outbox(tmp_path, server.url, timeout_s=0.2)
    began = time.monotonic()
    for number in range(20):
        box.send([event(number)])
    assert time.monotonic() - began < 1
    assert [one["run"]["runId"] for one in lines(tmp_path / "http.jsonl")] == [str(n) for n in range(20)]


def test_an_event_that_is_refused_is_set_aside_and_holds_up_no_other(tmp_path, endpoint, caplog):
    server = endpoint(answer=lambda event: 422 if event["run"]["runId"] == "1" else 201)
    outbox(tmp_path, server.url).send([event(n) for n in range(3)])
    assert [one["run"]["runId"] for one in server.taken] == ["0", "2"]
    assert lines(tmp_path / "http-refused.jsonl") == [event(1)]
    assert "event refused" in caplog.text
    assert not (tmp_path / "http.jsonl").exists()


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_an_answer_that_drips_and_never_ends_is_given_up_in_time_and_hung_up(tmp_path, talker, caplog, said, again):
    server = talker(said, again=again, every=0.05)
    began = time.monotonic()
    outbox(tmp_path, server.url, timeout_s=0.5).send([event(1)])
    assert 0.4 < time.monotonic() - began < 2.5
    assert lines(tmp_path / "http.jsonl") == [event(1)]
    assert "1 OpenLineage events not sent" in caplog.text
    assert server.left.wait(5)


@pytest.mark.parametrize("status", [200, 302])
@pytest.mark.parametrize("every", [0.0, 0.05])
def test_a_body_without_end_is_not_read(tmp_path, talker, status, every):
    head = f"HTTP/1.1 {status} X\r\nLocation: /elsewhere\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = talker(head.encode(), again=b"10000\r\n" + b"x" * 0x10000 + b"\r\n", every=every)
    began = time.monotonic()
    outbox(tmp_path, server.url, timeout_s=1).send([event(1)])
    assert time.monotonic() - began < 3
    assert (tmp_path / "http.jsonl").exists() == (status == 302)
    assert server.left.wait(5)
    # What the buffers of two sockets hold: nobody read more.
    assert server.sent < 32 << 20


def test_a_large_packed_answer_takes_no_memory(tmp_path, talker):
    zeros = gzip.compress(bytes(64 << 20))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(zeros)}\r\n\r\n"
    server = talker(head.encode() + zeros)
    tracemalloc.start()
    outbox(tmp_path, server.url).send([event(1)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
    assert b"accept-encoding: identity" in server.heard.lower()
    assert not (tmp_path / "http.jsonl").exists()


def test_what_an_endpoint_says_reaches_the_log_without_controls(tmp_path, talker, caplog):
    outbox(tmp_path, talker(b"\x1b[31m\x07" * 2000 + b"\r\n").url).send([event(1)])
    assert "not sent" in caplog.text
    assert "\x1b" not in caplog.text
    assert len(caplog.text) < 1000


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_an_answer_that_is_not_about_the_event_keeps_it(tmp_path, endpoint, status):
    server = endpoint(answer=status)
    outbox(tmp_path, server.url).send([event(1)])
    assert lines(tmp_path / "http.jsonl") == [event(1)]
    # A redirect is not followed: it would be followed by a GET, without the event.
    assert [path for path, _, _ in server.asked] == ["/api/v1/lineage"]


def test_a_key_that_is_not_there_stops_the_run_before_any_work(telling):
    project = telling(url="http://localhost:1", api_key_env="NO_SUCH_KEY")
    with pytest.raises(MissingInput, match="variable NO_SUCH_KEY is empty"):
        run(project)
    assert project.lake.version("sources") is None


def test_a_client_that_is_not_installed_stops_the_run_before_any_work(telling, monkeypatch):
    project = telling(file="all.jsonl")
    monkeypatch.delitem(sys.modules, "headwater.openlineage.events", raising=False)
    monkeypatch.setitem(sys.modules, "openlineage.client.event_v2", None)
    monkeypatch.delattr(openlineage, "events", raising=False)
    with pytest.raises(MissingInput, match=r"pip install 'headwater\[openlineage\]'"):
        run(project)
    assert project.lake.version("sources") is None


def test_a_file_that_cannot_be_written_fails_no_run(telling, tmp_path, caplog):
    (tmp_path / "taken").write_text("")
    project = telling(file=str(tmp_path / "taken/all.jsonl"))
    assert run(project).written
    assert "not sent" in caplog.text
    assert len(lines(project.settings.folder / FOLDER / "file.jsonl")) == 2


def test_processes_that_append_to_one_file_tear_no_line(tmp_path):
    file, each = tmp_path / "all.jsonl", 40
    command = [sys.executable, "-m", "tests.openlineage.appending", str(file)]
    writers = [subprocess.Popen([*command, name, str(each)], cwd=chain.ROOT) for name in "abc"]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    names = {one["run"]["runId"] for one in lines(file)}
    assert names == {f"{name}{number}" for name in "abc" for number in range(each)}


def test_a_line_that_was_torn_stays_alone(tmp_path):
    path = tmp_path / "all.jsonl"
    path.write_text('{"run": {"ru')
    File(path).send(event(1))
    assert path.read_text().splitlines() == ['{"run": {"ru', json.dumps(event(1), sort_keys=True)]
    assert File(path).holds() == {("1", "START")}


def test_what_a_kill_between_commit_and_event_left_out_is_sent_from_the_log(telling):
    project = telling(file="all.jsonl")
    folder = project.settings.folder
    command = [sys.executable, "-m", "tests.openlineage.killed", str(folder)]
    assert subprocess.run(command, cwd=chain.ROOT, check=False).returncode == -signal.SIGKILL
    assert kinds(lines(folder / "all.jsonl")) == [("sources", "START")]
    everything = list(openlineage.of_lake(project))
    assert openlineage.send_again(project, everything) == 1
    assert openlineage.send_again(project, everything) == 0
    assert lines(folder / "all.jsonl") == everything


def test_a_commit_that_no_teller_was_told_of_can_be_told(telling, set_lineage, endpoint):
    server = endpoint()
    project = telling()
    run(project)
    set_lineage(project.settings.folder, url=server.url)
    with chain.opened(project.settings.folder) as again:
        openlineage.emit(again, "sources", 1)
    assert kinds(server.taken) == [("sources", "START"), ("sources", "COMPLETE")]
