with filtered as (

    select * from {{ ref('stg_filtered') }}

),

deduped as (

    select * from {{ ref('stg_deduped') }}

),

unnested as (

    select
        recipe,
        crawl,
        shard,
        doc_id,
        'filtered' as stage,
        extractor,
        outcome,
        unnest(edits) as edit
    from filtered
    union all by name
    select
        recipe,
        crawl,
        shard,
        doc_id,
        'deduped' as stage,
        outcome,
        unnest(edits) as edit
    from deduped

),

named as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,
        stage,
        extractor,

        ---------- verdict
        outcome,

        ---------- edit
        edit.step as step,
        edit.rule as rule,
        edit.start as start_char,
        edit.stop as stop_char,
        edit.stop - edit.start as chars_removed,
        edit.put as chars_put

    from unnested

)

select * from named
