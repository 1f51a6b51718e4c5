with source as (

    select * from {{ source('lake', 'robots') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        host,
        kind,
        shard,
        "offset" as record_offset,

        ---------- facts
        url,
        fetched_at,
        http_status,
        state,
        digest

    from source

)

select * from renamed
