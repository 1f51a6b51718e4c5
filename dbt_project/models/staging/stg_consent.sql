with source as (

    select * from {{ source('lake', 'consent') }}

),

renamed as (

    select
        ---------- keys
        crawl,
        as_of,
        shard,
        doc_id,

        ---------- facts
        host,
        observed_at,
        robots_state,
        denied_agents,
        signals

    from source

)

select * from renamed
