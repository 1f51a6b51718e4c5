-- One row in, one row out: signals has exactly the documents of extracted, with their outcomes; one that a signal
-- raised on was kept there and is quarantined here.
-- Shards are compared by count and sum of hashes, so that nothing has to be held in memory.
-- A warning, for the reason given in funnel_conserves_documents.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_signals'}}}) }}

with extracted as (

    select
        crawl,
        extractor,
        shard,
        count(*) as documents,
        sum(hash(doc_id, outcome)) as digest
    from {{ ref('stg_extracted') }}
    group by crawl, extractor, shard

),

signals as (

    select
        crawl,
        extractor,
        shard,
        count(*) as documents,
        sum(hash(doc_id, if(starts_with(rule, 'signals.'), 'kept', outcome))) as digest
    from {{ ref('stg_signals') }}
    group by crawl, extractor, shard

),

-- an extraction that has not been measured at all yet owes nothing
owed as (

    select *
    from extracted
    semi join signals
        on extracted.crawl = signals.crawl
        and extracted.extractor = signals.extractor

)

select
    crawl,
    extractor,
    shard,
    owed.documents as extracted_documents,
    signals.documents as measured_documents
from owed
full join signals using (crawl, extractor, shard)
where
    owed.documents is distinct from signals.documents
    or owed.digest is distinct from signals.digest
