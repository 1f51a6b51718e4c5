with document_counts as (

    select * from {{ ref('document_counts') }}

),

counted as (

    -- raw has not been read for its language yet
    select
        recipe,
        crawl,
        language,

        ---------- documents
        coalesce(sum(documents) filter (stage = 'extracted' and outcome = 'kept'), 0)::bigint as extracted_documents,
        coalesce(sum(documents) filter (stage = 'filtered' and outcome = 'kept'), 0)::bigint as filtered_documents,
        coalesce(sum(documents) filter (stage = 'deduped' and outcome = 'kept'), 0)::bigint as deduped_documents,
        coalesce(sum(documents) filter (stage = 'mixed' and outcome = 'kept'), 0)::bigint as mixed_documents,

        ---------- amounts
        coalesce(sum(chars) filter (stage = 'extracted' and outcome = 'kept'), 0)::bigint as extracted_chars,
        coalesce(sum(chars) filter (stage = 'mixed' and outcome = 'kept'), 0)::bigint as mixed_chars,
        coalesce(sum(copies) filter (stage = 'tokenized'), 0)::bigint as copies,
        coalesce(sum(tokens) filter (stage = 'tokenized'), 0)::bigint as tokens

    from document_counts
    where stage <> 'raw'
    group by recipe, crawl, language

),

shared as (

    select
        *,
        filtered_documents / nullif(extracted_documents, 0) as share_filtered,
        tokens / nullif(sum(tokens) over (partition by recipe, crawl), 0) as share_of_tokens
    from counted

)

select * from shared
order by recipe, crawl, language
