with document_alternatives as (

    select * from {{ ref('document_alternatives') }}

),

survivors as (

    select * from document_alternatives where outcome = 'kept'

),

-- a document is kept once, with the text that was chosen
unions as (

    select
        recipe,
        crawl,
        count(*) as union_documents,
        sum(chars) as union_chars
    from survivors
    where is_chosen
    group by recipe, crawl

),

keepers as (

    select
        recipe,
        crawl,
        shard,
        doc_id,
        count(*) as extractors
    from survivors
    group by recipe, crawl, shard, doc_id

),

-- an extractor whose text was never kept has a row too
ways as (

    select distinct
        recipe,
        crawl,
        extractor
    from document_alternatives

),

alone as (

    select
        ways.recipe,
        ways.crawl,
        ways.extractor,

        ---------- by itself
        count(survivors.doc_id) as documents,
        coalesce(sum(survivors.chars), 0)::bigint as chars,

        ---------- in the union
        count(*) filter (survivors.is_chosen) as documents_chosen,
        coalesce(sum(survivors.chars) filter (survivors.is_chosen), 0)::bigint as chars_chosen,
        count(*) filter (keepers.extractors = 1) as documents_of_no_other

    from ways
    left join survivors
        on ways.recipe = survivors.recipe
        and ways.crawl = survivors.crawl
        and ways.extractor = survivors.extractor
    left join keepers
        on survivors.recipe = keepers.recipe
        and survivors.crawl = keepers.crawl
        and survivors.shard = keepers.shard
        and survivors.doc_id = keepers.doc_id
    group by ways.recipe, ways.crawl, ways.extractor

),

pairs as (

    select
        survivors.recipe,
        survivors.crawl,
        survivors.extractor,
        others.extractor as other,
        count(*) as documents_of_both
    from survivors
    inner join survivors as others
        on survivors.recipe = others.recipe
        and survivors.crawl = others.crawl
        and survivors.shard = others.shard
        and survivors.doc_id = others.doc_id
        and survivors.extractor <> others.extractor
    group by survivors.recipe, survivors.crawl, survivors.extractor, others.extractor

),

-- the survivors of both as a share of those of either
neighbours as (

    select
        alone.recipe,
        alone.crawl,
        alone.extractor,
        list(
            {
                'extractor': others.extractor,
                'documents': coalesce(pairs.documents_of_both, 0),
                'share_of_either': coalesce(pairs.documents_of_both, 0)
                    / nullif(alone.documents + others.documents - coalesce(pairs.documents_of_both, 0), 0)
            }
            order by others.extractor
        ) as in_common
    from alone
    inner join alone as others
        on alone.recipe = others.recipe
        and alone.crawl = others.crawl
        and alone.extractor <> others.extractor
    left join pairs
        on alone.recipe = pairs.recipe
        and alone.crawl = pairs.crawl
        and alone.extractor = pairs.extractor
        and others.extractor = pairs.other
    group by alone.recipe, alone.crawl, alone.extractor

),

joined as (

    select
        alone.recipe,
        alone.crawl,
        alone.extractor,

        ---------- by itself
        alone.documents,
        alone.chars,
        ceil(alone.chars / 4)::bigint as tokens_estimate,

        ---------- in the union
        alone.documents_chosen,
        alone.chars_chosen,
        alone.documents_of_no_other,
        neighbours.in_common,

        ---------- the union
        coalesce(unions.union_documents, 0) as union_documents,
        coalesce(unions.union_chars, 0)::bigint as union_chars,
        ceil(coalesce(unions.union_chars, 0) / 4)::bigint as union_tokens_estimate,
        unions.union_documents / nullif(alone.documents, 0) - 1 as gain_in_documents,
        unions.union_chars / nullif(alone.chars, 0) - 1 as gain_in_tokens

    from alone
    left join unions
        on alone.recipe = unions.recipe
        and alone.crawl = unions.crawl
    left join neighbours
        on alone.recipe = neighbours.recipe
        and alone.crawl = neighbours.crawl
        and alone.extractor = neighbours.extractor

)

select * from joined
order by recipe, crawl, extractor
