"""The numbers in the marts are those of the lake's tables, counted another way."""

import json
from collections import Counter
from itertools import pairwise

import pytest

# a recipe's crawls are those it has filtered
CRAWLS = "select distinct recipe, crawl from filtered"
STAGES = {
    "raw": f"from ({CRAWLS}) join raw using (crawl)",
    "extracted": f"from ({CRAWLS}) join extracted using (crawl) where extractor = 'plain'",
    "filtered": "from filtered where rule is distinct from 'charset'",
    "deduped": "from deduped",
    "mixed": "from mixed",
    "tokenized": "from (select distinct recipe, crawl, doc_id, 'kept' as outcome from tokenized)",
}
OUTCOMES = ("kept", "dropped", "duplicate", "withheld", "left_out", "quarantined", "removed")


@pytest.mark.parametrize("stage", STAGES)
def test_the_funnel_counts_each_outcome_of_a_stage(built, stage):
    columns = ", ".join(f"documents_{outcome}" for outcome in OUTCOMES)
    counts = ", ".join(f"sum((outcome = '{outcome}')::int)::bigint" for outcome in OUTCOMES)
    mart = f"select recipe, crawl, {columns} from marts.retention_funnel where stage = '{stage}' order by all"
    table = f"select recipe, crawl, {counts} {STAGES[stage]} group by all order by all"
    assert len(built.rows(mart)) == 5
    assert built.rows(mart) == built.rows(table)


def test_each_stage_gets_what_the_one_before_kept(built):
    funnel = built.rows("select documents_in, documents_kept, stage_order from marts.retention_funnel")
    assert len(funnel) == 5 * len(STAGES)
    for (_, kept, before), (came, _, after) in pairwise(funnel):
        assert after == 1 or (came == kept and after == before + 1)


def test_the_outcomes_of_a_stage_add_up_to_what_came_in(built):
    total = " + ".join(f"documents_{outcome}" for outcome in OUTCOMES)
    assert built.rows(f"from marts.retention_funnel where documents_in <> {total}") == []


def test_shares_in_the_funnel_multiply_up(built):
    query = """
        select round(product(share_of_previous) filter (stage <> 'raw') - min(share_of_raw), 12)
        from marts.retention_funnel group by recipe, crawl
    """
    assert built.rows(query) == [(0.0,)] * 5


def test_characters_and_tokens_of_the_funnel_are_those_of_the_tables(built):
    query = "select sum({}) from marts.retention_funnel where recipe = 'tiny' and stage = '{}'"
    chars = built.one("select sum(chars) from filtered where recipe = 'tiny' and outcome = 'kept'")
    tokens = built.one("select sum(len(tokens)) from tokenized where recipe = 'tiny'")
    copies = built.one("select count(*) from tokenized where recipe = 'tiny'")
    assert built.one(query.format("chars_kept", "filtered")) == chars
    assert built.one(query.format("tokens_kept", "tokenized")) == tokens
    assert built.one(query.format("copies_kept", "mixed")) == copies
    assert built.one(query.format("tokens_estimate_kept", "mixed")) == (40 * copies[0],)


def test_a_crawl_the_recipe_has_not_filtered_is_not_in_its_funnel(built):
    query = "select recipe, count(distinct crawl) from marts.retention_funnel group by all order by all"
    assert built.rows(query) == [("gopher", 2), ("tiny", 3)]


def test_drop_reasons_have_the_values_of_the_dropped_rows(built):
    mart = """
        select recipe, crawl, language, documents, min_value, median_value, max_value, threshold
        from marts.drop_reasons where rule = 'gopher_quality.min_words' order by all
    """
    table = """
        select recipe, crawl, language, count(*), min(value), quantile_cont(value, 0.5), max(value), max(threshold)
        from filtered where outcome = 'dropped' group by all order by all
    """
    assert built.rows(mart) == built.rows(table) != []


def test_drop_reasons_and_the_kept_are_all_documents(built):
    query = """
        select recipe, crawl, stage, round(sum(share_of_stage), 12) from marts.drop_reasons group by 1, 2, 3
        except
        select recipe, crawl, stage, round(1 - share_of_previous, 12) from marts.retention_funnel
    """
    assert built.rows(query) == []


def test_a_carried_document_is_one_reason_not_two(built):
    stages = "select distinct stage from marts.drop_reasons where rule = 'charset'"
    assert built.rows(stages) == [("extracted",)]


def test_domains_are_counted_at_every_stage(built):
    table = f"""
        select recipe, coalesce(r.domain, 'unknown'), count(*), count(*) filter (e.outcome = 'kept'),
            count(*) filter (f.outcome = 'kept'), count(*) filter (d.outcome = 'kept'),
            count(*) filter (m.outcome = 'kept'), count(e.licence_evidence), min(r.fetched_at)
        from ({CRAWLS}) join raw r using (crawl)
        left join (from extracted where extractor = 'plain') e using (doc_id)
        left join filtered f using (recipe, doc_id)
        left join deduped d using (recipe, doc_id)
        left join mixed m using (recipe, doc_id)
        group by all order by all
    """
    mart = """
        select recipe, domain, raw_records, extracted_documents, filtered_documents, deduped_documents, mixed_documents,
            licence_evidence_documents, first_fetched_at
        from marts.domains order by all
    """
    assert built.rows(mart) == built.rows(table)


@pytest.mark.parametrize("mart", ["domains", "languages"])
def test_no_token_is_lost_between_marts(built, mart):
    query = f"select recipe, sum(tokens), sum(copies) from marts.{mart} group by all order by all"
    table = "select recipe, sum(len(tokens)), count(*) from tokenized group by all order by all"
    assert built.rows(query) == built.rows(table)


def test_languages_are_counted_in_documents_and_tokens(built):
    table = """
        select recipe, f.crawl, f.language, count(distinct t.doc_id), sum(len(t.tokens))
        from tokenized t join filtered f using (recipe, crawl, doc_id) group by all order by all
    """
    mart = "select recipe, crawl, language, mixed_documents, tokens from marts.languages where tokens > 0 order by all"
    assert built.rows(mart) == built.rows(table)


def test_duplicates_are_within_or_across_and_exact_or_minhash(built):
    table = """
        select d.recipe, d.crawl, count(*) filter (d.crawl = k.crawl), count(*) filter (d.crawl > k.crawl),
            count(*) filter (d.representative is null), count(*) filter (d.method = 'exact'),
            count(*) filter (d.method = 'minhash'), avg(d.similarity)
        from deduped d left join deduped k on d.recipe = k.recipe and d.representative = k.doc_id
        where d.outcome = 'duplicate' group by all order by all
    """
    mart = """
        select recipe, crawl, duplicates_within, duplicates_across, duplicates_by_spans, duplicates_exact,
            duplicates_minhash, mean_similarity
        from marts.duplicates order by all
    """
    found, counted = built.rows(mart), built.rows(table)
    assert [row[:7] for row in found] == [row[:7] for row in counted]
    assert [row[7] for row in found] == pytest.approx([row[7] for row in counted])


def test_the_largest_cluster_counts_members_in_all_crawls(built):
    table = """
        select recipe, max(members) from (
            select recipe, coalesce(representative, doc_id) as head, count(*) as members from deduped group by 1, 2
        ) group by all order by all
    """
    mart = "select recipe, max(largest_cluster) from marts.duplicates group by all order by all"
    assert built.rows(mart) == built.rows(table)


def members(built):
    """The documents of every cluster in Python: by recipe and survivor, the survivor's row first."""
    columns = "recipe, crawl, doc_id, outcome, representative, similarity, method"
    rows = [dict(zip(columns.split(", "), row, strict=True)) for row in built.rows(f"select {columns} from deduped")]
    found = {}
    for row in rows:
        if row["representative"] is not None:
            found.setdefault((row["recipe"], row["representative"]), []).append(row)
    kept = {(row["recipe"], row["doc_id"]): row for row in rows if row["outcome"] == "kept"}
    return {name: [kept[name], *others] for name, others in found.items()}


def test_a_cluster_is_counted_with_its_survivor(built):
    mart = built.rows("select recipe, cluster, documents, crawls, lowest_similarity, methods from marts.clusters")
    counted = [
        (
            *name,
            len(rows),
            len({row["crawl"] for row in rows}),
            min(row["similarity"] for row in rows[1:]),
            ", ".join(sorted({row["method"] for row in rows[1:]})),
        )
        for name, rows in members(built).items()
    ]
    assert sorted(mart) == sorted(counted) != []


def test_copies_by_crawl_and_domain_add_up_to_their_cluster(built):
    copies = """
        select recipe, cluster, sum(documents)::bigint, count(distinct crawl), count(distinct domain)
        from marts.cluster_copies group by all order by all
    """
    mart = "select recipe, cluster, documents, crawls, domains from marts.clusters order by all"
    assert built.rows(copies) == built.rows(mart)


def test_the_largest_clusters_show_what_is_least_like_the_survivor(built):
    found = built.rows("select recipe, cluster, documents, beginning, examples from marts.largest_clusters")
    clusters = members(built)
    assert {row[:2] for row in found} <= set(clusters)
    for recipe, cluster, documents, beginning, examples in found:
        others = sorted((row["similarity"], row["crawl"], row["doc_id"]) for row in clusters[recipe, cluster][1:])
        assert documents == len(others) + 1
        assert [(e["similarity"], e["crawl"], e["doc_id"]) for e in examples] == others[:3]
        assert beginning == (f"text of {cluster} " * 20)[:200]
        assert all(e["beginning"] == (f"text of {e['doc_id']} " * 20)[:200] for e in examples)


def test_the_largest_clusters_come_first(built):
    rows = built.rows("select recipe, place, documents from marts.largest_clusters order by recipe, place")
    assert all(a[2] >= b[2] and b[1] == a[1] + 1 for a, b in pairwise(rows) if a[0] == b[0])


def test_the_licence_of_each_copy_is_held_against_the_survivors(built):
    evidence = {
        doc: json.loads(said)[0]["licence"] if said else ""
        for doc, said in built.rows("select doc_id, licence_evidence from extracted where extractor = 'plain'")
    }
    counted = []
    for (recipe, cluster), rows in members(built).items():
        said = [evidence[row["doc_id"]] for row in rows]
        if any(said):
            told = ["survivor", *(agreement(copy, said[0]) for copy in said[1:])]
            counted += [
                (recipe, cluster, row["doc_id"], *both)
                for row, both in zip(rows, zip(said, told, strict=True), strict=True)
            ]
    mart = built.rows("select recipe, cluster, doc_id, licences, agreement from marts.cluster_licences")
    assert sorted(mart) == sorted(counted)
    assert {row[4] for row in mart} == {"survivor", "same", "copy_reserves", "copy_silent", "survivor_silent",
                                        "other_licence"}  # fmt: skip


def agreement(copy, survivor):
    reserved = "LicenseRef-all-rights-reserved"
    if copy == survivor:
        return "same"
    if copy == reserved:
        return "copy_reserves"
    return "copy_silent" if not copy else "other_licence" if survivor else "survivor_silent"


def test_every_duplicate_has_one_cause(built):
    mart = "select recipe, crawl, sum(documents)::bigint from marts.duplicate_causes group by all order by all"
    table = "select recipe, crawl, count(*) from deduped where outcome = 'duplicate' group by all order by all"
    assert built.rows(mart) == built.rows(table)


def test_causes_are_those_of_the_addresses_and_payloads(built):
    pages = {doc: (url, digest) for doc, url, digest in built.rows("select doc_id, url, payload_digest from raw")}
    counted = Counter()
    for (recipe, _), rows in members(built).items():
        ordered = [rows[0], *sorted(rows[1:], key=lambda row: (row["crawl"], row["doc_id"]))]
        for place, row in enumerate(ordered[1:], 1):
            url, digest = pages[row["doc_id"]]
            there = [other for other in ordered[:place] if pages[other["doc_id"]][0] == url]
            same = any(pages[other["doc_id"]][1] == digest or 1 == text(row) == text(other) for other in there)
            cause = "mirrored_page" if not there else "unchanged_page" if same else "changed_page"
            first = (there or rows)[0]["crawl"]
            counted[recipe, row["crawl"], cause, "across" if first < row["crawl"] else "within"] += 1
    mart = built.rows("""
        select recipe, crawl, cause, reach, sum(documents)::bigint from marts.duplicate_causes
        where cause <> 'seen_before' group by all
    """)
    assert {row[:4]: row[4] for row in mart} == counted
    assert {row[2] for row in mart} >= {"mirrored_page", "unchanged_page"}


def text(row):
    return 1 if row["outcome"] == "kept" else row["similarity"]


def test_candidate_pairs_are_counted_with_those_accepted(built):
    table = "select recipe, crawl, count(*), sum(accepted::int)::bigint from duplicate_pairs group by all order by all"
    mart = "select recipe, crawl, pairs_compared, pairs_accepted from marts.duplicates order by all"
    assert built.rows(mart) == built.rows(table)


def test_the_leaderboard_is_ranked_by_bits_per_byte(built):
    query = "select recipe, bits_per_byte_rank, bits_per_byte, mean_accuracy, tasks from marts.recipe_leaderboard"
    assert built.rows(query) == [("gopher", 1, 2.25, 0.5, 2), ("tiny", 2, 2.5, 0.4375, 2)]


def test_the_leaderboard_names_each_accuracy_with_its_error(built):
    (accuracies,) = built.one("select accuracies from marts.recipe_leaderboard where recipe = 'tiny'")
    assert [(a["task"], a["score"], a["standard_error"]) for a in accuracies] == [
        ("arc_easy", 0.375, 0.125),
        ("copa", 0.5, 0.125),
    ]


def test_the_leaderboard_says_which_data_a_model_was_trained_on(built):
    query = """
        select documents, copies, tokens, trained_on_version, tokenized_version
        from marts.recipe_leaderboard where recipe = 'gopher'
    """
    table = "select count(distinct doc_id), count(*), sum(len(tokens)) from tokenized where recipe = 'gopher'"
    pinned = "select version from pins where table_name = 'tokenized'"
    assert built.one(query) == (*built.one(table), 1, *built.one(pinned))


def test_licences_are_counted_as_in_the_mix_and_share_the_stream(built):
    mart = built.rows(
        "select recipe, licence_class, documents, documents_kept, documents_withheld, copies from marts.licences"
    )
    table = built.rows("""
        select recipe, licence_class, count(*), count(*) filter (outcome = 'kept'),
               count(*) filter (outcome = 'withheld'), sum(copies)::bigint from mixed group by all
    """)
    assert sorted(mart) == sorted(table)
    assert len(mart) == 4
    assert built.rows("select round(sum(share_of_tokens), 12) from marts.licences group by recipe") == [(1.0,)] * 2
    tokens = built.rows("select recipe, sum(len(tokens)) from tokenized group by 1 order by 1")
    assert built.rows("select recipe, sum(tokens) from marts.licences group by 1 order by 1") == tokens


def test_edits_are_counted_by_rule_and_share_the_characters(built):
    table = """
        select recipe, crawl, e.rule, count(distinct doc_id), count(*), sum(e.stop - e.start)::bigint
        from (select recipe, crawl, doc_id, unnest(edits) as e from filtered) group by all order by all
    """
    mart = """
        select recipe, crawl, rule, documents, edits, chars_removed
        from marts.edits where stage = 'filtered' order by all
    """
    assert built.rows(mart) == built.rows(table)
    assert len(built.rows(mart)) == 6
    given = """
        with lost as (
            select recipe, crawl, doc_id, sum(e.stop - e.start - e.put) as chars
            from (select recipe, crawl, doc_id, unnest(edits) as e from filtered) group by all
        )
        select recipe, crawl, sum(f.chars + coalesce(lost.chars, 0))::bigint from filtered f
        left join lost using (recipe, crawl, doc_id) where recipe = 'tiny' and f.chars is not null group by all
    """
    total = """
        select recipe, crawl, round(min(chars_removed / share_of_chars))::bigint
        from marts.edits where stage = 'filtered' group by all
    """
    assert sorted(built.rows(total)) == sorted(built.rows(given))


def test_stretches_that_deduplication_removed_share_the_characters_it_was_given(built):
    cut = "select recipe, crawl, count(*), 2 * count(*) from deduped where edits is not null group by all order by all"
    mart = """
        select recipe, crawl, documents, chars_removed from marts.edits
        where stage = 'deduped' and rule = 'lines.repeated' order by all
    """
    assert built.rows(mart) == built.rows(cut)
    assert len(built.rows(mart)) == 5
    given = "select recipe, crawl, sum(chars)::bigint from filtered where outcome = 'kept' group by all order by all"
    total = """
        select recipe, crawl, round(min(chars_removed / share_of_chars))::bigint
        from marts.edits where stage = 'deduped' group by all order by all
    """
    assert built.rows(total) == built.rows(given)


def test_the_characters_of_a_stage_after_deduplication_are_those_that_remain(built):
    left = """
        select sum(f.chars - 2 * (d.edits is not null)::int) from deduped d
        join filtered f using (recipe, crawl, doc_id) where d.recipe = 'tiny' and d.outcome = 'kept'
    """
    mart = "select sum(chars_kept) from marts.retention_funnel where recipe = 'tiny' and stage = 'deduped'"
    assert built.one(mart) == built.one(left)


def test_the_union_of_extractors_is_counted_as_in_the_table(built):
    table = """
        with texts as (select crawl, doc_id, chars, unnest(alternatives) as a from filtered where recipe = 'tiny'),
            kept as (select crawl, doc_id, a.extractor as extractor, a.chars as chars from texts
                where a.outcome = 'kept')
        select crawl, extractor, count(*), sum(chars)::bigint,
            count(*) filter (not exists (from kept o where o.doc_id = kept.doc_id and o.extractor <> kept.extractor)),
            (select count(*) from filtered f where f.recipe = 'tiny' and f.crawl = kept.crawl and f.outcome = 'kept')
        from kept group by all order by all
    """
    mart = """
        select crawl, extractor, documents, chars, documents_of_no_other, union_documents
        from marts.extractor_union where recipe = 'tiny' order by all
    """
    assert built.rows(mart) == built.rows(table) != []


def test_a_recipe_with_one_extractor_is_not_in_the_union(built):
    assert built.rows("select distinct recipe from marts.extractor_union") == [("tiny",)]


def test_an_overlap_is_the_same_seen_from_both_sides(built):
    query = """
        select crawl, round(o.share_of_either, 12), o.documents > 0, count(*)
        from (select crawl, unnest(in_common) as o from marts.extractor_union) group by all order by all
    """
    assert [row[2:] for row in built.rows(query)] == [(True, 2)] * 3


def test_what_an_extractor_was_chosen_for_adds_up_to_the_union(built):
    query = """
        select recipe, crawl from marts.extractor_union group by recipe, crawl
        having sum(documents_chosen) <> min(union_documents) or sum(chars_chosen) <> min(union_chars)
            or min(gain_in_documents) < 0
    """
    assert built.rows(query) == []
