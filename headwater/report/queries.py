"""Every number of the reports, as the SQL that gives it: over the views of one release, and `training`.

`training` has a row for each document of the training stream. Sizes are of its text in UTF-8, once, less the stretches
that deduplication removed (`remaining` is headwater/remaining.py's); `tokens` counts every copy, with the token that
ends each document.
"""

from dataclasses import dataclass

TRAINING = """
select m.doc_id, m.crawl, m.shard, m.copies, m.licence_class, m.licence, m.obligations,
       coalesce(f.domain, '(none)') as domain, coalesce(f.language, 'unknown') as language,
       f.chars - coalesce(list_sum([e.stop - e.start - e.put for e in d.edits]), 0)::bigint as chars,
       strlen(case when d.edits is null then f.text else remaining(f.text, d.edits) end) as bytes,
       r.host, r.media_type, r.fetched_at, m.copies * $tokens as tokens
from mixed m
join filtered f on f.crawl = m.crawl and f.shard = m.shard and f.doc_id = m.doc_id
left join (select crawl, shard, doc_id, edits from deduped where edits is not null) d
       on d.crawl = m.crawl and d.shard = m.shard and d.doc_id = m.doc_id
join raw r on r.crawl = m.crawl and r.shard = m.shard and r.doc_id = m.doc_id
left join (select crawl, doc_id, len(tokens) as length from tokenized where copy = 0) t
       on t.crawl = m.crawl and t.doc_id = m.doc_id
where m.outcome = 'kept'
"""
# A release that ends before `tokenized` has an estimate only, of four bytes a token.
COUNTED, ESTIMATED = "t.length", "m.tokens_estimate"


@dataclass(frozen=True)
class Asked:
    """One query: a scalar with its unit where `unit` is given, else a listing, whose rows are in a fixed order."""

    name: str
    what: str
    sql: str
    unit: str | None = None


SCALARS = (
    Asked("crawls", "crawls read", "select count(distinct crawl) from sources", "crawls"),
    Asked("crawls.files", "WARC files read", "select count(*) from sources", "files"),
    Asked("crawls.bytes", "size of the WARC files", "select coalesce(sum(bytes), 0)::bigint from sources", "bytes"),
    Asked("crawls.records", "responses and other document records", "select count(*) from raw", "records"),
    Asked("crawls.first", "first fetch of a record", "select min(fetched_at) from raw", "time"),
    Asked("crawls.last", "last fetch of a record", "select max(fetched_at) from raw", "time"),
    Asked("pages", "web pages in the crawls", "select count(*) from raw where outcome = 'kept'", "documents"),
    Asked("removed", "documents removed by takedown",
          "select count(*) from raw where outcome = 'removed'", "documents"),
    Asked("training.documents", "documents of the training stream", "select count(*) from training", "documents"),
    Asked("training.copies", "documents with every copy counted",
          "select coalesce(sum(copies), 0)::bigint from training", "documents"),
    Asked("training.bytes", "size of their text, each once",
          "select coalesce(sum(bytes), 0)::bigint from training", "bytes"),
    Asked("training.tokens", "tokens, every copy counted",
          "select coalesce(sum(tokens), 0)::bigint from training", "tokens"),
    Asked("training.tokens_once", "tokens, each document once",
          "select coalesce(sum(tokens // copies), 0)::bigint from training", "tokens"),
    Asked("training.domains", "registered domains", "select count(distinct domain) from training", "domains"),
    Asked("training.hosts", "hosts", "select count(distinct host) from training", "hosts"),
    Asked("training.languages", "languages", "select count(distinct language) from training", "languages"),
    Asked("training.first", "first fetch of a training document", "select min(fetched_at) from training", "time"),
    Asked("training.last", "latest date of acquisition", "select max(fetched_at) from training", "time"),
    Asked("training.shortest", "shortest text", "select min(chars) from training", "characters"),
    Asked("training.median", "median text", "select quantile_disc(chars, 0.5) from training", "characters"),
    Asked("training.mean", "mean text", "select round(avg(chars))::bigint from training", "characters"),
    Asked("training.longest", "longest text", "select max(chars) from training", "characters"),
    Asked("training.not_crawled", "training documents that no crawl holds", """
        select count(*) from mixed m
        where m.outcome = 'kept' and not exists (
            select 1 from raw r join sources s on s.crawl = r.crawl and s.shard = r.shard
            where r.crawl = m.crawl and r.shard = m.shard and r.doc_id = m.doc_id
        )""", "documents"),
    Asked("held_out", "documents held out for evaluation",
          "select count(*) from mixed where rule = 'held_out'", "documents"),
    Asked("withheld", "documents withheld by the policy",
          "select count(*) from mixed where outcome = 'withheld'", "documents"),
    Asked("quarantined", "records that could not be read safely",
          "select (select count(*) from raw where outcome = 'quarantined') + "
          "(select count(*) from extracted where outcome = 'quarantined')", "records"),
    Asked("dropped.filters", "documents dropped by filters",
          "select count(*) from filtered where outcome = 'dropped'", "documents"),
    Asked("dropped.duplicates", "duplicates left out",
          "select count(*) from deduped where outcome = 'duplicate'", "documents"),
    Asked("clusters.many", "documents that others are duplicates of",
          "select count(distinct representative) from deduped where outcome = 'duplicate'", "documents"),
    Asked("clusters.largest", "documents of the largest cluster, its survivor included", """
        select coalesce(max(documents), 0) from (
            select count(*) + 1 as documents from deduped
            where outcome = 'duplicate' and representative is not null group by representative)""", "documents"),
    Asked("removed.stretches", "stretches that deduplication removed from training documents", """
        select coalesce(sum(len(d.edits)), 0)::bigint from deduped d
        join mixed m on m.crawl = d.crawl and m.shard = d.shard and m.doc_id = d.doc_id
        where m.outcome = 'kept' and d.edits is not null""", "stretches"),
    Asked("licences.classified", "training documents with a licence class",
          "select count(*) from training where licence_class is not null", "documents"),
    Asked("licences.named", "training documents with a named licence",
          "select count(*) from training where licence is not null", "documents"),
    Asked("consent.documents", "pages whose consent at crawl time is recorded",
          "select count(*) from consent where as_of = 'at_crawl'", "documents"),
    # `raw.consent` holds names of headers, and `meta:NAME` and `link:NAME` of the page's own markup.
    Asked("consent.headers", "records with a response header on permitted use or a licence",
          "select count(*) from raw where len([k for k in json_keys(consent) if not contains(k, ':')]) > 0",
          "documents"),
    Asked("consent.markup", "records whose page has a mark on permitted use in its markup",
          "select count(*) from raw where len([k for k in json_keys(consent) if contains(k, ':')]) > 0", "documents"),
    Asked("models", "proxy models trained on it", "select count(*) from proxy_model", "models"),
)  # fmt: skip

LISTINGS = (
    Asked("flow", "documents by stage, outcome and rule", """
        select * from (
            select 1 as stage, 'raw' as "table", outcome, rule, count(*) as documents from raw group by all
            union all select 2, 'extracted', outcome, rule, count(*) from extracted group by all
            union all select 3, 'filtered', outcome, rule, count(*) from filtered group by all
            union all select 4, 'deduped', outcome, rule, count(*) from deduped group by all
            union all select 5, 'mixed', outcome, rule, count(*) from mixed group by all
        ) order by stage, documents desc, outcome, rule nulls first"""),
    Asked("crawls.each", "each crawl, and what of it is in the training stream", """
        select s.crawl, s.started, s.files, s.bytes, r.records, r.first, r.last,
               coalesce(t.documents, 0) as documents, coalesce(t.size, 0)::bigint as text_bytes,
               coalesce(t.tokens, 0)::bigint as tokens
        from (select crawl, min(crawl_started) as started, count(*) as files, sum(bytes)::bigint as bytes
              from sources group by crawl) s
        left join (select crawl, count(*) as records, min(fetched_at) as first, max(fetched_at) as last
                   from raw group by crawl) r on r.crawl = s.crawl
        left join (select crawl, count(*) as documents, sum(bytes) as size, sum(tokens) as tokens
                   from training group by crawl) t on t.crawl = s.crawl
        order by s.started, s.crawl"""),
    Asked("languages", "training documents by language", """
        select language, count(*) as documents, sum(bytes)::bigint as bytes, sum(tokens)::bigint as tokens
        from training group by language order by tokens desc, language"""),
    Asked("domains.largest", "the twenty largest domains", """
        select domain, count(*) as documents, sum(bytes)::bigint as bytes, sum(tokens)::bigint as tokens
        from training group by domain order by bytes desc, domain limit 20"""),
    Asked("endings", "the thirty largest top-level domains", """
        select regexp_extract(domain, '[^.]*$') as ending, count(*) as documents, sum(bytes)::bigint as bytes
        from training group by ending order by bytes desc, ending limit 30"""),
    Asked("media_types", "training documents by media type", """
        select coalesce(media_type, '(not said)') as media_type, count(*) as documents
        from training group by 1 order by documents desc, 1"""),
    Asked("licences", "training documents by licence class and licence", """
        select coalesce(licence_class, 'not recorded') as class, coalesce(licence, 'none found') as licence,
               count(*) as documents, sum(bytes)::bigint as bytes, sum(tokens)::bigint as tokens
        from training group by 1, 2 order by tokens desc, 1, 2 limit 100"""),
    Asked("licences.crawls", "training documents by crawl, licence class and licence", """
        select crawl, licence_class as class, licence, obligations, count(*) as documents
        from training group by all order by crawl, documents desc, class, licence, obligations"""),
    Asked("languages.crawls", "training documents by crawl and language", """
        select crawl, language, count(*) as documents from training group by all
        order by crawl, documents desc, language"""),
    Asked("lengths.crawls", "length of the training documents by crawl, in characters", """
        select crawl, count(*) as documents, min(chars) as shortest, round(avg(chars))::bigint as mean,
               max(chars) as longest from training group by crawl order by crawl"""),
    Asked("obligations", "training documents by obligation", """
        select obligations, count(*) as documents from training where obligations is not null
        group by obligations order by documents desc, obligations limit 50"""),
    # A power of two at most; the length of a number in binary says which.
    # A power of two at most; the length of a number in binary says which. What a duplicate names can be a duplicate
    # itself, by a later method.
    Asked("clusters.sizes", "clusters by how many documents they have at most", """
        select (1 << case when size = 1 then 0 else length(bin(size - 1)) end)::bigint as at_most,
               count(*) as clusters, sum(size)::bigint as documents
        from (
            select 1 + count(copy.survivor) as size
            from deduped kept left join (
                select coalesce(c.representative, b.representative, a.representative) as survivor
                from deduped a
                left join deduped b on b.doc_id = a.representative and b.outcome = 'duplicate'
                left join deduped c on c.doc_id = b.representative and c.outcome = 'duplicate'
                where a.outcome = 'duplicate'
            ) copy on copy.survivor = kept.doc_id
            where kept.outcome = 'kept' group by kept.crawl, kept.doc_id
        ) group by 1 order by 1"""),
    Asked("clusters.crawls", "duplicates by crawl, method and where their survivor is", """
        select d.crawl, d.method,
               case when d.representative is null then 'none is named'
                    when d.representative in (select doc_id from deduped k where k.crawl = d.crawl) then 'same crawl'
                    else 'earlier crawl' end as survivor, count(*) as documents
        from deduped d where d.outcome = 'duplicate' group by all order by all"""),
    Asked("groups", "the fifty largest groups of the mix", """
        select "group", any_value(weight) as weight, count(*) as documents, sum(copies)::bigint as copies
        from mixed where outcome = 'kept' group by "group" order by copies desc, "group" limit 50"""),
    Asked("withheld.rules", "documents withheld by the policy, by rule", """
        select rule, licence_class as class, count(*) as documents
        from mixed where outcome = 'withheld' group by all order by documents desc, rule, class"""),
    Asked("robots", "pages by what robots.txt was known at crawl time", """
        select robots_state, count(*) as documents,
               count(*) filter (json_array_length(denied_agents) > 0) as denied_to_an_ai_agent
        from consent where as_of = 'at_crawl' group by robots_state order by documents desc, robots_state"""),
    Asked("denied", "AI user agents that robots.txt denied pages of the crawls at crawl time", """
        select json_extract_string(agent, '$') as agent, count(*) as pages,
               count(*) filter (in_training) as training_documents
        from (select unnest(json_extract(denied_agents, '$[*]')) as agent, t.doc_id is not null as in_training
              from consent c left join training t on t.crawl = c.crawl and t.shard = c.shard and t.doc_id = c.doc_id
              where c.as_of = 'at_crawl')
        group by 1 order by pages desc, agent limit 50"""),
    Asked("consent.signals", "other signals of permitted use found at crawl time", """
        select json_extract_string(said, '$.signal') as signal, count(*) as found,
               count(distinct doc_id) filter (in_training) as training_documents
        from (select unnest(json_extract(signals, '$[*]')) as said, c.doc_id, t.doc_id is not null as in_training
              from consent c left join training t on t.crawl = c.crawl and t.shard = c.shard and t.doc_id = c.doc_id
              where c.as_of = 'at_crawl')
        group by 1 order by found desc, signal limit 50"""),
    Asked("models.each", "proxy models trained on the stream", """
        select model, parameters, steps, tokens_seen, loss, checkpoint_digest from proxy_model order by model"""),
    Asked("scores", "scores of the proxy models", """
        select model, task, metric, score, standard_error, n, shots
        from eval_scores order by model, task, metric, shots"""),
)  # fmt: skip

# Article 53(1)(d): the top ten per cent of the domains by size of content; small and medium-sized providers may list
# five per cent, at most a thousand.
_DOMAINS = """
    select domain, sum(bytes)::bigint as bytes, sum(tokens)::bigint as tokens, count(*) as documents,
           min(fetched_at) as first, max(fetched_at) as last
    from training group by domain order by bytes desc, domain"""
_TOP = "(select ceil(count(distinct domain) * 0.10)::bigint from training)"
_TOP_SMALL = "(select least(ceil(count(distinct domain) * 0.05)::bigint, 1000) from training)"

ALL_DOMAINS = Asked("domains.all", "every domain of the training stream", _DOMAINS)


def listed_domains(small: bool) -> Asked:
    """The domains that a provider must name: of a small or medium-sized one, or of any other."""
    rule = "5 %, at most 1,000" if small else "10 %"
    return Asked(
        "domains.listed", f"domains, the largest {rule} by size", f"{_DOMAINS} limit {_TOP_SMALL if small else _TOP}"
    )
