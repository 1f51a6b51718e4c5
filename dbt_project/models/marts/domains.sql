with document_counts as (

    select * from {{ ref('document_counts') }}

),

domains as (

    select
        recipe,
        domain,

        ---------- documents
        coalesce(sum(documents) filter (stage = 'raw'), 0)::bigint as raw_records,
        coalesce(sum(documents) filter (stage = 'raw' and outcome = 'kept'), 0)::bigint as raw_documents,
        coalesce(sum(documents) filter (stage = 'extracted' and outcome = 'kept'), 0)::bigint as extracted_documents,
        coalesce(sum(documents) filter (stage = 'filtered' and outcome = 'kept'), 0)::bigint as filtered_documents,
        coalesce(sum(documents) filter (stage = 'deduped' and outcome = 'kept'), 0)::bigint as deduped_documents,
        coalesce(sum(documents) filter (stage = 'mixed' and outcome = 'kept'), 0)::bigint as mixed_documents,

        ---------- training stream
        coalesce(sum(copies) filter (stage = 'tokenized'), 0)::bigint as copies,
        coalesce(sum(tokens) filter (stage = 'tokenized'), 0)::bigint as tokens,

        ---------- licences
        coalesce(sum(licence_evidence_documents) filter (stage = 'extracted'), 0)::bigint
            as licence_evidence_documents,

        ---------- times
        min(first_fetched_at) as first_fetched_at,
        max(last_fetched_at) as last_fetched_at

    from document_counts
    group by recipe, domain

)

select * from domains
order by recipe, domain
