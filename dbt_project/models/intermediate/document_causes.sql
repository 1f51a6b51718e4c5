with deduped as (

    select * from {{ ref('stg_deduped') }}

),

cluster_members as (

    select * from {{ ref('cluster_members') }}

),

raw as (

    select * from {{ ref('stg_raw') }}

),

document_index as (

    select * from {{ ref('stg_document_index') }}

),

-- addresses are compared as document_index has them: hashes in which spellings of one address are equal
captured as (

    select
        cluster_members.*,
        coalesce(
            document_index.looked_up_by,
            cluster_members.url,
            cluster_members.crawl || ' ' || cluster_members.doc_id
        ) as address,
        raw.payload_digest,
        -- `url` compares addresses and no texts; a copy of a copy has not been compared with the survivor
        case
            when cluster_members.is_survivor then 1
            when cluster_members.method <> 'url' then cluster_members.similarity
        end as text_similarity,
        cluster_members.is_survivor
        or cluster_members.representative = cluster_members.cluster as is_of_survivor,
        row_number() over (
            partition by cluster_members.recipe, cluster_members.cluster
            order by
                cluster_members.crawl_order,
                cluster_members.is_survivor desc,
                cluster_members.crawl,
                cluster_members.doc_id
        ) as place
    from cluster_members
    left join document_index
        on cluster_members.crawl = document_index.crawl
        and cluster_members.shard = document_index.shard
        and cluster_members.doc_id = document_index.doc_id
        and document_index.kind = 'url'
    left join raw
        on cluster_members.crawl = raw.crawl
        and cluster_members.shard = raw.shard
        and cluster_members.doc_id = raw.doc_id

),

-- what came before it in its cluster: at its address, with its payload, with the survivor's text
preceded as (

    select
        *,
        min(place) over (partition by recipe, cluster, address) as first_at_address,
        min(place) over (partition by recipe, cluster, address, payload_digest) as first_of_payload,
        min(place) filter (text_similarity = 1 and is_of_survivor) over (
            partition by recipe, cluster, address
        ) as first_of_text,
        -- as long, and as far from the same document: the bytes differ where a server packs a page otherwise
        min(place) over (
            partition by recipe, cluster, address, representative, text_similarity, chars
        ) as first_alike,
        min(crawl_order) over (partition by recipe, cluster, address) as address_seen_in,
        min(crawl_order) filter (is_survivor) over (partition by recipe, cluster) as survivor_seen_in
    from captured

),

told as (

    select
        *,
        case
            when first_at_address = place then 'mirrored_page'
            when payload_digest is not null and first_of_payload < place then 'unchanged_page'
            when text_similarity = 1 and is_of_survivor and first_of_text < place then 'unchanged_page'
            when text_similarity is not null and first_alike < place then 'unchanged_page'
            when method = 'url' then 'same_address'
            else 'changed_page'
        end as cause
    from preceded
    where not is_survivor

),

caused as (

    select
        recipe,
        crawl,
        shard,
        doc_id,
        cluster,
        method,
        cause,
        if(
            if(cause = 'mirrored_page', survivor_seen_in, address_seen_in) < crawl_order, 'across', 'within'
        ) as reach,
        similarity
    from told

    union all by name

    -- such methods know that the words were seen, and not where
    select
        recipe,
        crawl,
        shard,
        doc_id,
        cluster,
        method,
        'seen_before' as cause,
        'unknown' as reach,
        similarity
    from deduped
    where outcome = 'duplicate' and representative is null

)

select * from caused
