with source as (

    select * from {{ source('lake', 'signals') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        extractor,
        shard,
        doc_id,

        ---------- facts
        language,
        language_score,
        chars,

        ---------- verdict
        outcome,
        rule

    from source

)

select * from renamed
