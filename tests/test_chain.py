"""The chain as a whole: nothing disappears, the same gives the same, and only what changed is made again."""

import shutil
from collections import Counter

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from headwater import freshness, make
from headwater.errors import AuditFailed, ConcurrentCommit, MissingInput, UnknownName
from headwater.lake.audit import Check
from headwater.lake.store import Lake
from tests import chain

FIRST, SECOND = "SAMPLE-2024-10", "SAMPLE-2025-03"
# Output, the input it owes its rows to, which of the input's rows, and how often each.
OWED = [
    ("extracted", "raw", True, 1),
    ("signals", "extracted", False, 1),
    ("filtered", "extracted", False, 1),
    ("deduped", "filtered", True, 1),
    ("mixed", "deduped", True, 1),
    ("tokenized", "mixed", True, "copies"),
]


def test_raw_has_a_row_for_every_document_record_that_another_reader_finds(tiny_lake, sample):
    wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion | WarcRecordType.revisit
    found = Counter()
    for file in sample.rglob("*.warc.gz"):
        with file.open("rb") as stream:
            found[file.name.split(".")[0]] += sum(1 for _ in ArchiveIterator(stream, record_types=wanted))
    assert Counter(row["shard"] for row in chain.rows(tiny_lake, "raw")) == found
    assert {row["shard"]: row["documents"] for row in chain.rows(tiny_lake, "sources")} == dict(found)


@pytest.mark.parametrize(("table", "source", "kept", "copies"), OWED)
def test_a_table_holds_exactly_the_documents_of_its_input(tiny_lake, table, source, kept, copies):
    owed = Counter()
    for row in chain.rows(tiny_lake, source):
        if not kept or row["outcome"] == "kept":
            owed[row["doc_id"]] += copies if isinstance(copies, int) else row[copies]
    assert Counter(row["doc_id"] for row in chain.rows(tiny_lake, table)) == owed
    assert owed


def test_every_row_that_is_not_kept_names_its_rule(tiny_lake):
    for table in ("raw", "extracted", "filtered", "deduped", "mixed"):
        for row in chain.rows(tiny_lake, table):
            assert (row["outcome"] == "kept") == (row["rule"] is None)


def test_tokens_are_counted_without_a_gap(tiny_lake):
    shards = {}
    for row in sorted(chain.rows(tiny_lake, "tokenized"), key=lambda r: (r["shard"], r["position"])):
        position, first = shards.get(row["shard"], (0, 0))
        assert (row["position"], row["first_token"]) == (position, first)
        shards[row["shard"]] = (position + 1, first + len(row["tokens"]))


def test_one_worker_gives_the_digests_that_two_give(built, tmp_path):
    with chain.opened(built) as two, chain.opened(chain.lay_out(tmp_path / "one", workers=1)) as one:
        chain.run(one)
        assert chain.digests(one) == chain.digests(two)


def test_another_seed_gives_another_order(copied):
    with chain.opened(copied) as project:
        before = chain.digests(project)
        chain.change(copied, "tiny", mix={"group_by": "domain", "held_out": 0.1, "seed": 1})
        chain.run(project)
        after = chain.digests(project)
    assert {place for place in after if after[place] != before[place]} == {
        ("mixed", ("tiny",)),
        ("tokenized", ("tiny",)),
    }


def test_a_rerun_adds_no_version(copy):
    before = chain.versions(copy)
    assert not any(outcome.written for outcome in chain.run(copy))
    assert chain.versions(copy) == before


def test_a_changed_threshold_makes_only_what_comes_after_it_stale(copied):
    chain.change(copied, "tiny", filters=[{"language": {"languages": ["en"], "min_score": 0.6}}])
    with chain.opened(copied) as project:
        recipe = project.recipe("tiny")
        wanted = list(freshness.targets(recipe, project.crawls(recipe), "tokenized"))
        stale = {target.table for target in freshness.stale(project, wanted)}
    evidence = {"minhash_index", "duplicate_pairs", "repeated_spans", "span_index"}
    assert stale == {"filtered", *evidence, "deduped", "mixed", "tokenized"}


def test_a_changed_threshold_writes_nothing_before_it(copied):
    chain.change(copied, "tiny", filters=[{"language": {"languages": ["en"], "min_score": 0.6}}])
    with chain.opened(copied) as project:
        written = {outcome.table for outcome in chain.run(project) if outcome.written}
        assert chain.broken(project) == []
    assert written.isdisjoint({"sources", "raw", "extracted", "signals"})
    assert {"filtered", "deduped", "mixed", "tokenized"} <= written


def test_a_recipe_changed_and_changed_back_gives_the_first_rows_again(copied):
    first = (copied / "recipes/tiny.yaml").read_text()
    with chain.opened(copied) as project:
        before = chain.digests(project)
        chain.change(copied, "tiny", filters=[{"language": {"languages": ["de"], "min_score": 0.6}}])
        chain.run(project)
        assert chain.digests(project) != before
        (copied / "recipes/tiny.yaml").write_text(first)
        chain.run(project)
        assert chain.digests(project) == before
        assert chain.broken(project) == []


def test_a_changed_mix_leaves_documents_decided(copied):
    chain.change(copied, "tiny", mix={"group_by": "language", "held_out": 0.1})
    with chain.opened(copied) as project:
        assert {o.table for o in chain.run(project) if o.written} == {"mixed", "tokenized"}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A lake that got the second crawl after the first one was made up to tokenized: (folder, digests in between)."""
    folder = chain.lay_out(tmp_path_factory.mktemp("grown") / "project")
    with chain.opened(folder) as project:
        chain.run(project, crawls=[FIRST])
        between = chain.digests(project)
        chain.run(project, crawls=[FIRST, SECOND])
    return folder, between


def test_crawls_one_after_the_other_give_what_both_at_once_give(grown, tiny_lake):
    with chain.opened(grown[0]) as project:
        assert chain.digests(project) == chain.digests(tiny_lake)


def test_a_later_crawl_changes_nothing_of_an_earlier_one(grown):
    folder, between = grown
    early = {place for place in between if FIRST in place[1]}
    with chain.opened(folder) as project:
        after = chain.published(project)
        assert {place: after[place].provenance.digest for place in early} == {place: between[place] for place in early}
        kinds = {place: between[place] for place in early if place[0] == "document_index"}
        assert all(after[place].version == (1 if place not in kinds else after[place].version) for place in early)
        assert {after[place].version for place in kinds} == set(range(1, len(kinds) + 1))


def test_a_crawl_whose_predecessors_are_missing_is_refused_and_nothing_is_done(tmp_path):
    with chain.opened(chain.lay_out(tmp_path / "p")) as project:
        with pytest.raises(MissingInput, match=f"{FIRST} come before {SECOND}.*nothing was done"):
            freshness.ordered_crawls(project, project.recipe("tiny"), [SECOND], predecessors=False)
        assert not (tmp_path / "p/lake").exists()


def test_predecessors_come_first_where_they_are_asked_for(tmp_path):
    with chain.opened(chain.lay_out(tmp_path / "p")) as project:
        recipe = project.recipe("tiny")
        assert freshness.ordered_crawls(project, recipe, [SECOND], predecessors=True) == [FIRST, SECOND]


def test_a_crawl_whose_predecessors_are_current_is_made_alone(copied):
    with chain.opened(copied) as project:
        recipe = project.recipe("tiny")
        assert freshness.ordered_crawls(project, recipe, [SECOND], predecessors=False) == [SECOND]


def test_an_unknown_crawl_is_refused_with_the_known_ones(tmp_path):
    folder = chain.lay_out(tmp_path / "p")
    with chain.opened(folder) as project, pytest.raises(UnknownName, match=f"{FIRST}, {SECOND}"):
        freshness.ordered_crawls(project, project.recipe("tiny"), ["NOPE"], predecessors=True)


def failing(view):
    return [Check("too_short", passed=view.facts["rows"] > 10**9, observed=str(view.facts["rows"]))]


def passing(view):
    return [Check("too_short", passed=True)]


@pytest.fixture
def changed(copied):
    """The built project after a change that makes `filtered` stale."""
    chain.change(copied, "tiny", filters=[{"language": {"languages": ["en"], "min_score": 0.7}}])
    with chain.opened(copied) as project:
        yield project


PLACE = {"recipe": "tiny", "crawl": FIRST}


def test_a_failed_expectation_leaves_the_published_version_as_it_was(changed):
    before, log = chain.digests(changed), chain.versions(changed)
    with pytest.raises(AuditFailed, match="too_short"):
        make.make(changed, "filtered", PLACE, expect=failing)
    assert (chain.digests(changed), chain.versions(changed)) == (before, log)
    assert chain.broken(changed) == []


def test_a_failed_expectation_writes_a_report_with_the_reason_and_the_draft(changed):
    with pytest.raises(AuditFailed) as refused:
        make.make(changed, "filtered", PLACE, expect=failing)
    folder = changed.lake.storage.root + f"/_audits/filtered/recipe=tiny/crawl={FIRST}"
    assert folder in str(refused.value)
    from headwater.status import failed_checks

    assert failed_checks(changed, "filtered", PLACE) == ["too_short"]


def test_the_next_good_run_publishes_and_the_failure_is_no_longer_told(changed):
    from headwater.status import failed_checks

    with pytest.raises(AuditFailed):
        make.make(changed, "filtered", PLACE, expect=failing)
    outcome = make.make(changed, "filtered", PLACE, expect=passing)
    assert outcome.written
    assert outcome.provenance.checks == {"rows_in_equal_rows_out": True, "too_short": True}
    assert failed_checks(changed, "filtered", PLACE) == []


def test_a_check_that_does_not_block_is_published_as_failed(changed):
    outcome = make.make(changed, "filtered", PLACE, expect=lambda view: [Check("odd", False, blocking=False)])
    assert outcome.written
    assert outcome.provenance.checks["odd"] is False
    assert chain.broken(changed) == []


def test_a_first_run_that_fails_its_audit_publishes_nothing(tmp_path):
    with chain.opened(chain.lay_out(tmp_path / "p")) as project:
        with pytest.raises(AuditFailed):
            make.make(project, "sources", {"crawl": FIRST}, expect=failing)
        assert project.lake.version("sources") is None


def test_a_lake_made_anew_at_the_same_place_is_not_taken_for_the_old_one(copied):
    with chain.opened(copied) as project:
        before = chain.published(project)[("sources", (FIRST,))]
        shutil.rmtree(copied / "lake")
        assert project.lake.published("sources", {"crawl": FIRST}) is None
    with chain.opened(copied) as project:
        again = make.make(project, "sources", {"crawl": FIRST})
        assert again.written
        assert again.provenance.run != before.provenance.run


def test_a_run_that_another_one_with_other_options_overtook_is_refused(changed, tmp_path, monkeypatch):
    lake = str(changed.settings.folder / "lake")
    other = chain.lay_out(tmp_path / "other", lake=lake)
    chain.change(other, "tiny", filters=[{"language": {"languages": ["de"]}}])
    claim = Lake.claim

    def late(self, *place):
        # The other run publishes while this one waits for its turn.
        monkeypatch.setattr(Lake, "claim", claim)
        with chain.opened(other) as project:
            make.make(project, "filtered", PLACE)
        return claim(self, *place)

    monkeypatch.setattr(Lake, "claim", late)
    with pytest.raises(ConcurrentCommit, match="nothing was changed, run again"):
        make.make(changed, "filtered", PLACE)
    assert changed.lake.version("filtered") == 3
    assert len(chain.rows(changed, "filtered", crawl=FIRST)) == 215
