with source as (

    select * from {{ source('lake', 'mixed') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,

        ---------- mixture
        "group" as mix_group,
        licence_class,
        licence,
        obligations,
        cluster_size,
        tokens_estimate,
        weight,
        copies,
        order_key,

        ---------- verdict
        outcome,
        rule,
        value,
        threshold

    from source

)

select * from renamed
