with source as (

    select * from {{ source('lake', 'tokenized') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        shard,
        position,
        crawl,
        doc_id,
        copy as copy_number,

        ---------- tokens
        first_token,
        tokens as token_ids

    from source

)

select * from renamed
