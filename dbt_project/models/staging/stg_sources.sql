with source as (

    select * from {{ source('lake', 'sources') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        shard,

        ---------- facts
        path,
        bytes as file_bytes,
        sha256,
        state,
        state_offset,
        state_detail,
        crawl_started,

        ---------- counts
        records,
        responses,
        requests,
        resources,
        conversions,
        revisits,
        metadata as metadata_records,
        other as other_records,
        documents

    from source

)

select * from renamed
