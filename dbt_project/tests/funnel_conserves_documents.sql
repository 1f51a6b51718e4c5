-- A stage gets exactly what the stage before it kept, and every mixed copy is tokenized.
-- No commit can lose a row, so a difference means that a stage is older than its input: that is
-- worth a warning about one recipe, not a stop for the marts of all others.
{{ config(severity='warn') }}

with retention_funnel as (

    select * from {{ ref('retention_funnel') }}

),

compared as (

    select
        recipe,
        crawl,
        stage,
        documents_in,
        copies_kept,
        lag(stage) over chain as previous_stage,
        lag(documents_kept) over chain as documents_owed,
        lag(copies_kept) over chain as copies_owed
    from retention_funnel
    window chain as (partition by recipe, crawl order by stage_order)

)

select * from compared
where
    (previous_stage is null and stage <> 'raw')
    or documents_in <> documents_owed
    or (stage = 'tokenized' and copies_kept is distinct from copies_owed)
