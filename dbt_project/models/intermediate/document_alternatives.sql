with filtered as (

    select * from {{ ref('stg_filtered') }}

),

unnested as (

    select
        recipe,
        crawl,
        shard,
        doc_id,
        extractor as chosen_extractor,
        outcome as document_outcome,
        unnest(alternatives) as alternative
    from filtered

),

named as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,
        alternative.extractor as extractor,

        ---------- facts
        alternative.chars as chars,
        document_outcome = 'kept' and alternative.extractor = chosen_extractor as is_chosen,

        ---------- verdict
        alternative.outcome as outcome,
        alternative.rule as rule,
        alternative.value as value,
        alternative.threshold as threshold

    from unnested

)

select * from named
