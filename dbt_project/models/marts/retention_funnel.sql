with document_counts as (

    select * from {{ ref('document_counts') }}

),

counted as (

    select
        recipe,
        crawl,
        stage,
        list_position(
            ['raw', 'extracted', 'filtered', 'deduped', 'mixed', 'tokenized'], stage
        ) as stage_order,

        ---------- documents
        -- what a takedown removed is a row of later stages, whatever stage it had come to before
        coalesce(
            sum(documents) filter (stage = 'raw' or outcome <> 'removed'), 0
        )::bigint as documents_in,
        coalesce(sum(documents) filter (outcome = 'kept'), 0)::bigint as documents_kept,
        coalesce(sum(documents) filter (outcome = 'dropped'), 0)::bigint as documents_dropped,
        coalesce(sum(documents) filter (outcome = 'duplicate'), 0)::bigint as documents_duplicate,
        coalesce(sum(documents) filter (outcome = 'withheld'), 0)::bigint as documents_withheld,
        coalesce(sum(documents) filter (outcome = 'left_out'), 0)::bigint as documents_left_out,
        coalesce(sum(documents) filter (outcome = 'quarantined'), 0)::bigint as documents_quarantined,
        coalesce(sum(documents) filter (outcome = 'removed'), 0)::bigint as documents_removed,

        ---------- amounts
        (sum(chars) filter (outcome = 'kept'))::bigint as chars_kept,
        (sum(copies) filter (outcome = 'kept'))::bigint as copies_kept,
        (sum(tokens_estimate) filter (outcome = 'kept'))::bigint as tokens_estimate_kept,
        (sum(tokens) filter (outcome = 'kept'))::bigint as tokens_kept

    from document_counts
    group by recipe, crawl, stage

),

shared as (

    select
        *,
        documents_kept / nullif(documents_in, 0) as share_of_previous,
        documents_kept / nullif(
            max(documents_kept) filter (stage = 'raw') over (partition by recipe, crawl), 0
        ) as share_of_raw
    from counted

)

select * from shared
order by recipe, crawl, stage_order
