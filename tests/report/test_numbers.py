"""Each number of the report equals a query written here by hand, straight on the Parquet files of the release."""

import pytest

from headwater.report import numbers as facts
from headwater.report import queries

KEPT = "(select * from {mixed} where outcome = 'kept')"
TEXTS = f"""(
    select m.*, f.domain, f.language, f.text, r.fetched_at, r.host, r.media_type
    from {KEPT} m, {{filtered}} f, {{raw}} r
    where f.doc_id = m.doc_id and f.crawl = m.crawl and r.doc_id = m.doc_id and r.crawl = m.crawl
)"""
SIZE = "sum(octet_length(encode(text)))::bigint"
TOKENS_OF = (
    "(select sum(len(tokens))::bigint from {{tokenized}} where doc_id in (select doc_id from {texts} where {one}))"
)
STAMP = "strftime({} at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
BY_HAND = {
    "crawls": "select count(*) from (select distinct crawl from {sources})",
    "crawls.files": "select count(path) from {sources}",
    "crawls.bytes": "select sum(bytes)::bigint from {sources}",
    "crawls.records": "select count(doc_id) from {raw}",
    "crawls.first": f"select {STAMP.format('min(fetched_at)')} from {{raw}}",
    "crawls.last": f"select {STAMP.format('max(fetched_at)')} from {{raw}}",
    "pages": "select count(*) from {extracted}",
    "removed": "select count(*) from {raw} where outcome = 'removed'",
    "training.documents": "select count(*) from {mixed} where outcome = 'kept'",
    "training.copies": "select sum(copies)::bigint from {mixed} where outcome = 'kept'",
    "training.bytes": f"select sum(octet_length(encode(text)))::bigint from {TEXTS}",
    "training.tokens": "select sum(len(tokens))::bigint from {tokenized}",
    "training.tokens_once": "select sum(len(tokens))::bigint from {tokenized} where copy = 0",
    "training.domains": f"select count(*) from (select distinct domain from {TEXTS})",
    "training.hosts": f"select count(*) from (select distinct host from {TEXTS})",
    "training.languages": f"select count(*) from (select distinct language from {TEXTS})",
    "training.first": f"select {STAMP.format('min(fetched_at)')} from {TEXTS}",
    "training.last": f"select {STAMP.format('max(fetched_at)')} from {TEXTS}",
    "training.shortest": f"select min(length(text)) from {TEXTS}",
    "training.median": f"select length(text) from {TEXTS} order by 1 limit 1 "
    f"offset (select (count(*) - 1) // 2 from {KEPT})",
    "training.mean": f"select round(sum(length(text)) / count(*))::bigint from {TEXTS}",
    "training.longest": f"select max(length(text)) from {TEXTS}",
    "training.not_crawled": f"select count(*) from {KEPT} where doc_id not in (select doc_id from {{raw}})",
    "held_out": "select count(*) from {mixed} where rule = 'held_out'",
    "withheld": "select count(*) from {mixed} where outcome = 'withheld'",
    "quarantined": "select count(*) from (select outcome from {raw} union all select outcome from {extracted}) "
    "where outcome = 'quarantined'",
    "dropped.filters": "select count(*) from {filtered} where outcome = 'dropped'",
    "dropped.duplicates": "select count(*) from {deduped} where outcome = 'duplicate'",
    "clusters.many": "select count(*) from (select distinct cluster from {deduped} where method is not null)",
    "clusters.largest": "select max(n) from (select count(*) n from {deduped} where cluster is not null "
    "group by cluster)",
    "removed.stretches": "select sum(coalesce(len(edits), 0))::bigint from {deduped} "
    f"where (crawl, doc_id) in (select (crawl, doc_id) from {KEPT})",
    "licences.classified": "select count(licence_class) from {mixed} where outcome = 'kept'",
    "licences.named": "select count(licence) from {mixed} where outcome = 'kept'",
    "consent.documents": "select count(*) from {consent} where as_of = 'at_crawl'",
    "consent.headers": "select count(*) from {raw} where regexp_matches(consent, '\"(x-robots-tag|tdm-reservation|"
    "tdm-policy|content-usage|content-signal|link-rsl|link-license)\": *\\[')",
    "consent.markup": 'select count(*) from {raw} where regexp_matches(consent, \'"(meta|link):[^"]*": *\\[\')',
    "models": "select count(*) from {proxy_model}",
}
LISTED_BY_HAND = {
    "languages": f"select language, count(*), {SIZE}, "
    + TOKENS_OF.format(texts=TEXTS, one="language = t.language")
    + f" from {TEXTS} t group by language order by 4 desc, 1",
    "domains.largest": f"select domain, count(*), {SIZE}, "
    + TOKENS_OF.format(texts=TEXTS, one="domain = t.domain")
    + f" from {TEXTS} t group by domain order by 3 desc, 1 limit 20",
    "media_types": f"select media_type, count(*) from {TEXTS} group by 1 order by 2 desc, 1",
    "groups": f'select "group", max(weight), count(*), sum(copies)::bigint from {KEPT} group by 1 order by 4 desc, 1',
    "scores": "select model, task, metric, score, standard_error, n, shots from {eval_scores} order by 1, 2, 3, 7",
    "models.each": "select model, parameters, steps, tokens_seen, loss, checkpoint_digest from {proxy_model}",
    "licences": f"select coalesce(licence_class, 'not recorded'), coalesce(licence, 'none found'), count(*), "
    f"sum(octet_length(encode(text)))::bigint from {TEXTS} group by 1, 2 order by 1, 2",
    "robots": "select robots_state, count(*) from {consent} where as_of = 'at_crawl' group by 1 order by 1",
}


def test_every_number_is_asked_for_by_hand_here(numbers):
    assert set(numbers.values) == set(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_number_equals_the_query_by_hand(name, numbers, ask):
    assert [(numbers.values[name],)] == ask(BY_HAND[name])


def test_a_mark_in_the_markup_is_no_header():
    import duckdb

    asked = {a.name: a.sql for a in queries.SCALARS if a.name in ("consent.headers", "consent.markup")}
    said = ['{"meta:robots": ["noai"]}', '{"link:rsl": ["/a"], "x-robots-tag": ["noai"]}', '{"link-rsl": ["/a"]}', None]
    with duckdb.connect() as db:
        db.execute("create table raw as select unnest(?::varchar[]) as consent", [said])
        found = {name: db.execute(sql).fetchone() for name, sql in asked.items()}
    assert found == {"consent.headers": (2,), "consent.markup": (2,)}


def test_the_numbers_are_not_all_nothing(numbers):
    assert sum(bool(value) for value in numbers.values.values()) > 24
    assert numbers.values["training.documents"] > 50


@pytest.mark.parametrize("name", ["languages", "domains.largest", "media_types", "groups", "scores", "models.each"])
def test_a_listing_equals_the_query_by_hand(name, numbers, ask):
    assert numbers.listings[name] == ask(LISTED_BY_HAND[name])
    assert numbers.listings[name]


def test_the_listing_of_licences_equals_the_query_by_hand(numbers, ask):
    assert sorted(row[:4] for row in numbers.listings["licences"]) == ask(LISTED_BY_HAND["licences"])


def test_the_listing_of_robots_equals_the_query_by_hand(numbers, ask):
    assert sorted(row[:2] for row in numbers.listings["robots"]) == ask(LISTED_BY_HAND["robots"])


@pytest.mark.parametrize("table", ["raw", "extracted", "filtered", "deduped", "mixed"])
def test_the_flow_of_a_stage_equals_the_query_by_hand(table, numbers, ask):
    flow = sorted((o, r or "", n) for _, name, o, r, n in numbers.listings["flow"] if name == table)
    by_hand = f"select outcome, coalesce(rule, ''), count(*) from {{{table}}} group by all order by all"
    assert flow == ask(by_hand)


def test_the_crawls_equal_the_queries_by_hand(numbers, ask):
    for crawl, _, files, size, records, _, _, documents, _, tokens in numbers.listings["crawls.each"]:
        assert [(files, size)] == ask(f"select count(*), sum(bytes)::bigint from {{sources}} where crawl = '{crawl}'")
        assert [(records,)] == ask(f"select count(*) from {{raw}} where crawl = '{crawl}'")
        assert [(documents,)] == ask(f"select count(*) from {KEPT} where crawl = '{crawl}'")
        assert [(tokens,)] == ask(f"select sum(len(tokens))::bigint from {{tokenized}} where crawl = '{crawl}'")


def test_each_query_can_be_asked_again_and_gives_the_number(released, release, numbers):
    with facts.opened(released, release) as db:
        for number in numbers.whole["numbers"]:
            (found,) = db.execute(number["query"]).fetchone()
            assert facts.plain(found) == number["value"], number["name"]
        for entry in numbers.whole["listings"]:
            found = [[facts.plain(value) for value in row] for row in db.execute(entry["query"]).fetchall()]
            assert found == entry["rows"], entry["name"]


def test_each_number_names_the_versions_of_the_tables_it_reads(numbers, release):
    known = {f"{pin.table}@{pin.version}" for pin in release.pinned}
    by_name = {n["name"]: n["tables"] for n in numbers.whole["numbers"]}
    assert set().union(*by_name.values()) <= known
    assert {v.split("@")[0] for v in by_name["training.tokens"]} == {"mixed", "filtered", "deduped", "raw", "tokenized"}
    assert by_name["held_out"] == [f"mixed@{next(p.version for p in release.pinned if p.table == 'mixed')}"]


def test_each_pinned_version_is_listed_with_its_digest(numbers, release):
    listed = {(t["table"], t["version"], t["digest"]) for t in numbers.whole["tables"]}
    assert listed == {(p.table, p.version, p.digest) for p in release.pinned}


def test_names_of_queries_are_unique():
    names = [asked.name for asked in (*queries.SCALARS, *queries.LISTINGS, queries.listed_domains(False))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("domains", "small", "expected"), [(1, False, 1), (95, False, 10), (95, True, 5), (30_000, True, 1000)]
)
def test_the_share_of_domains_that_must_be_named(domains, small, expected):
    import duckdb

    with duckdb.connect() as db:
        db.execute(
            "create table training as select 'd' || i as domain, i as bytes, i as tokens, now() as fetched_at "
            f"from range({domains}) t(i)"
        )
        rows = db.execute(queries.listed_domains(small).sql).fetchall()
    assert len(rows) == expected
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert rows[0][1] == domains - 1
