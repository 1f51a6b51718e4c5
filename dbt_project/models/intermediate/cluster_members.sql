with recursive deduped as (

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
named as (

    select * from deduped
    where outcome = 'duplicate' and representative is not null

),

-- the document that one method's duplicate names can be a duplicate by the next; a record id can occur in two
-- crawls, so that a document can seem to stand for itself, and union without all ends there
walk as (

    select distinct
        recipe,
        representative,
        representative as survivor
    from named

    union

    select
        walk.recipe,
        walk.representative,
        named.representative as survivor
    from walk
    inner join named
        on walk.recipe = named.recipe
        and walk.survivor = named.doc_id

),

stands as (

    select
        recipe,
        representative,
        coalesce(min(survivor) filter (survivor = representative), min(survivor)) as survivor
    from walk
    semi join (from deduped where outcome <> 'duplicate') as last_ones
        on walk.recipe = last_ones.recipe
        and walk.survivor = last_ones.doc_id
    group by recipe, representative

),

duplicates as (

    select
        named.*,
        stands.survivor as cluster_name,
        false as is_survivor
    from named
    inner join stands
        on named.recipe = stands.recipe
        and named.representative = stands.representative

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
        and deduped.doc_id = duplicates.cluster_name
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
        members.representative,
        members.similarity,
        members.threshold,
        coalesce(crawls.crawl_order, 0) as crawl_order,

        ---------- facts
        filtered.extractor,
        filtered.url,
        filtered.chars,
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
