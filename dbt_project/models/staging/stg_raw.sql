with source as (

    select * from {{ source('lake', 'raw') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        shard,
        doc_id,
        record_id,

        ---------- pointer
        "offset" as record_offset,
        length as record_length,

        ---------- facts
        record_type,
        url,
        host,
        domain,
        fetched_at,
        http_status,
        media_type,
        charset,
        payload_bytes,
        payload_digest,
        payload_digest_ok,
        consent,

        ---------- verdict
        outcome,
        rule,
        value,
        threshold,
        detail

    from source

)

select * from renamed
