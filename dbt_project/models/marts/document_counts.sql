with document_fates as (

    select * from {{ ref('document_fates') }}

),

counted as (

    select
        ---------- keys
        recipe,
        crawl,
        stage,
        domain,
        language,
        outcome,
        rule,

        ---------- amounts
        count(*) as documents,
        sum(chars)::bigint as chars,
        sum(copies)::bigint as copies,
        sum(tokens_estimate)::bigint as tokens_estimate,
        sum(tokens)::bigint as tokens,
        count(*) filter (has_licence_evidence) as licence_evidence_documents,

        ---------- times
        min(fetched_at) as first_fetched_at,
        max(fetched_at) as last_fetched_at

    from document_fates
    group by recipe, crawl, stage, domain, language, outcome, rule

)

select * from counted
order by recipe, crawl, stage, domain, language, outcome, rule
