with source as (

    select * from {{ source('lake', 'duplicate_pairs') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,
        other as other_doc_id,
        other_crawl,

        ---------- evidence
        method,
        similarity,
        threshold,
        accepted

    from source

)

select * from renamed
