with source as (

    select * from {{ source('lake', 'deduped') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,

        ---------- cluster
        cluster,
        representative,
        similarity,
        method,

        ---------- verdict
        outcome,
        rule,
        value,
        threshold,

        ---------- evidence
        edits

    from source

)

select * from renamed
