with deduped as (

    select * from {{ ref('stg_deduped') }}

),

filtered as (

    select * from {{ ref('stg_filtered') }}

),

sources as (

    select * from {{ ref('stg_sources') }}

),

crawls as (

    select
        crawl,
        row_number() over (order by min(crawl_started), crawl) as crawl_order
    from sources
    group by crawl

),

-- what a method found by spans alone names no other document
duplicates as (

    select
        *,
        representative as cluster_name,
        false as is_survivor
    from deduped
    where outcome = 'duplicate' and representative is not null

),

-- a record id can occur in two crawls; the earlier document is the one that later ones were held against
survivors as (

    select
        deduped.*,
        deduped.doc_id as cluster_name,
        true as is_survivor
    from deduped
    left join crawls
        on deduped.crawl = crawls.crawl
    semi join duplicates
        on deduped.recipe = duplicates.recipe
        and deduped.doc_id = duplicates.representative
    where deduped.outcome <> 'duplicate'
    qualify row_number() over (
        partition by deduped.recipe, deduped.doc_id order by crawls.crawl_order, deduped.crawl
    ) = 1

),

members as (

    select * from duplicates
    union all by name
    select * from survivors

),

joined as (

    select
        ---------- keys
        members.recipe,
        members.cluster_name as cluster,
        members.crawl,
        members.shard,
        members.doc_id,

        ---------- place in the cluster
        members.is_survivor,
        members.outcome,
        members.method,
        members.similarity,
        members.threshold,
        coalesce(crawls.crawl_order, 0) as crawl_order,

        ---------- facts
        filtered.extractor,
        filtered.url,
        coalesce(filtered.domain, 'unknown') as domain,
        filtered.beginning

    from members
    left join crawls
        on members.crawl = crawls.crawl
    left join filtered
        on members.recipe = filtered.recipe
        and members.crawl = filtered.crawl
        and members.shard = filtered.shard
        and members.doc_id = filtered.doc_id

)

select * from joined
