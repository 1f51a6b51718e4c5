with source as (

    select * from {{ source('lake', 'filtered') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        crawl,
        extractor,
        shard,
        doc_id,

        ---------- facts
        url,
        domain,
        language,
        chars,
        left(text, 200) as beginning,

        ---------- verdict
        outcome,
        rule,
        value,
        threshold,

        ---------- evidence
        edits,
        alternatives

    from source

)

select * from renamed
