with source as (

    select * from {{ source('lake', 'extracted') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        extractor,
        shard,
        doc_id,

        ---------- facts
        url,
        domain,
        title,
        chars,
        charset,
        language,
        language_score,
        second_language,
        language_agrees,
        licence_evidence,

        ---------- verdict
        outcome,
        rule,
        value,
        threshold,
        detail

    from source

)

select * from renamed
