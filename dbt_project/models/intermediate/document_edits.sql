with filtered as (

    select * from {{ ref('stg_filtered') }}

),

unnested as (

    select
        recipe,
        crawl,
        shard,
        doc_id,
        extractor,
        outcome,
        unnest(edits) as edit
    from filtered

),

named as (

    select
        ---------- keys
        recipe,
        crawl,
        shard,
        doc_id,
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
