with source as (

    select * from {{ source('lake', 'document_index') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        kind,
        key as looked_up_by,
        shard,
        doc_id

    from source

)

select * from renamed
