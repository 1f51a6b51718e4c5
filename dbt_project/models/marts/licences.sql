with mixed as (

    select * from {{ ref('stg_mixed') }}

),

document_fates as (

    select * from {{ ref('document_fates') }}

),

streamed as (

    select
        recipe,
        crawl,
        doc_id,
        tokens
    from document_fates
    where stage = 'tokenized'

),

counted as (

    -- what was removed has no licence any more
    select
        mixed.recipe,
        coalesce(mixed.licence_class, 'unknown') as licence_class,
        coalesce(mixed.licence, 'none') as licence,
        coalesce(mixed.obligations, 'none') as obligations,

        ---------- documents
        count(*) as documents,
        count(*) filter (mixed.outcome = 'kept') as documents_kept,
        count(*) filter (mixed.outcome = 'withheld') as documents_withheld,

        ---------- amounts
        coalesce(sum(mixed.copies), 0)::bigint as copies,
        coalesce(sum(mixed.tokens_estimate * mixed.copies), 0)::bigint as tokens_estimate,
        coalesce(sum(streamed.tokens), 0)::bigint as tokens

    from mixed
    left join streamed
        on mixed.recipe = streamed.recipe
        and mixed.crawl = streamed.crawl
        and mixed.doc_id = streamed.doc_id
    where mixed.outcome <> 'removed'
    group by 1, 2, 3, 4

),

shared as (

    select
        *,
        tokens / nullif(sum(tokens) over (partition by recipe), 0) as share_of_tokens
    from counted

)

select * from shared
order by recipe, licence_class, licence, obligations
