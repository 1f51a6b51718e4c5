with raw as (

    select * from {{ ref('stg_raw') }}

),

extracted as (

    select * from {{ ref('stg_extracted') }}

),

filtered as (

    select * from {{ ref('stg_filtered') }}

),

deduped as (

    select * from {{ ref('stg_deduped') }}

),

mixed as (

    select * from {{ ref('stg_mixed') }}

),

tokenized as (

    select * from {{ ref('stg_tokenized') }}

),

-- raw and extracted know no recipe: they belong to each recipe that has filtered their crawl
judged as (

    select distinct
        recipe,
        crawl,
        extractor
    from filtered
    where extractor is not null

),

-- which extraction stands for a document that filtered names none for, because it was removed
firsts as (

    select
        recipe,
        crawl,
        min(extractor) as extractor
    from judged
    group by recipe, crawl

),

raw_fates as (

    select
        judged.recipe,
        raw.crawl,
        'raw' as stage,
        raw.doc_id,
        raw.domain,
        raw.outcome,
        raw.rule,
        raw.value,
        raw.threshold,
        raw.fetched_at
    from raw
    inner join (select distinct recipe, crawl from filtered) as judged
        on raw.crawl = judged.crawl

),

-- of several extractors the one whose text filtered chose
extracted_fates as (

    select
        judged.recipe,
        extracted.crawl,
        'extracted' as stage,
        extracted.doc_id,
        extracted.domain,
        extracted.language,
        extracted.outcome,
        extracted.rule,
        extracted.value,
        extracted.threshold,
        extracted.chars,
        extracted.licence_evidence is not null as has_licence_evidence
    from extracted
    inner join judged
        on extracted.crawl = judged.crawl
        and extracted.extractor = judged.extractor
    inner join firsts
        on judged.recipe = firsts.recipe
        and judged.crawl = firsts.crawl
    left join filtered
        on judged.recipe = filtered.recipe
        and extracted.crawl = filtered.crawl
        and extracted.shard = filtered.shard
        and extracted.doc_id = filtered.doc_id
    where extracted.extractor = coalesce(filtered.extractor, firsts.extractor)

),

-- what extraction did not keep is carried through filtered; its fate was decided there, not here
filtered_fates as (

    select
        filtered.recipe,
        filtered.crawl,
        'filtered' as stage,
        filtered.doc_id,
        filtered.domain,
        filtered.language,
        filtered.outcome,
        filtered.rule,
        filtered.value,
        filtered.threshold,
        filtered.chars
    from filtered
    left join firsts
        on filtered.recipe = firsts.recipe
        and filtered.crawl = firsts.crawl
    left join extracted
        on filtered.crawl = extracted.crawl
        and coalesce(filtered.extractor, firsts.extractor) = extracted.extractor
        and filtered.shard = extracted.shard
        and filtered.doc_id = extracted.doc_id
    where coalesce(extracted.outcome, 'kept') = 'kept'

),

-- of a text that is kept, the characters that deduplication left
deduped_texts as (

    select
        deduped.*,
        filtered.domain,
        filtered.language,
        case
            when deduped.outcome = 'kept' and deduped.edits is not null
                then filtered.chars
                    - list_sum(list_transform(deduped.edits, lambda edit: edit.stop - edit.start - edit.put))::bigint
            else filtered.chars
        end as chars
    from deduped
    left join filtered
        on deduped.recipe = filtered.recipe
        and deduped.crawl = filtered.crawl
        and deduped.shard = filtered.shard
        and deduped.doc_id = filtered.doc_id

),

deduped_fates as (

    select
        recipe,
        crawl,
        'deduped' as stage,
        doc_id,
        domain,
        language,
        outcome,
        rule,
        value,
        threshold,
        chars
    from deduped_texts

),

mixed_fates as (

    select
        mixed.recipe,
        mixed.crawl,
        'mixed' as stage,
        mixed.doc_id,
        deduped_texts.domain,
        deduped_texts.language,
        mixed.outcome,
        mixed.rule,
        mixed.value,
        mixed.threshold,
        deduped_texts.chars,
        mixed.copies,
        mixed.tokens_estimate * mixed.copies as tokens_estimate
    from mixed
    left join deduped_texts
        on mixed.recipe = deduped_texts.recipe
        and mixed.crawl = deduped_texts.crawl
        and mixed.shard = deduped_texts.shard
        and mixed.doc_id = deduped_texts.doc_id

),

tokenized_documents as (

    select
        recipe,
        crawl,
        doc_id,
        count(*) as copies,
        sum(len(token_ids)) as tokens
    from tokenized
    group by recipe, crawl, doc_id

),

tokenized_fates as (

    select
        tokenized_documents.recipe,
        tokenized_documents.crawl,
        'tokenized' as stage,
        tokenized_documents.doc_id,
        mixed_fates.domain,
        mixed_fates.language,
        'kept' as outcome,
        mixed_fates.chars,
        tokenized_documents.copies,
        tokenized_documents.tokens
    from tokenized_documents
    left join mixed_fates
        on tokenized_documents.recipe = mixed_fates.recipe
        and tokenized_documents.crawl = mixed_fates.crawl
        and tokenized_documents.doc_id = mixed_fates.doc_id
        and mixed_fates.outcome = 'kept'

),

unioned as (

    select * from raw_fates
    union all by name
    select * from extracted_fates
    union all by name
    select * from filtered_fates
    union all by name
    select * from deduped_fates
    union all by name
    select * from mixed_fates
    union all by name
    select * from tokenized_fates

),

named as (

    select
        ---------- keys
        recipe,
        coalesce(crawl, 'unknown') as crawl,
        stage,
        doc_id,

        ---------- facts
        coalesce(domain, 'unknown') as domain,
        coalesce(language, 'unknown') as language,
        fetched_at,
        coalesce(has_licence_evidence, false) as has_licence_evidence,

        ---------- verdict
        outcome,
        case when outcome <> 'kept' then coalesce(rule, outcome) end as rule,
        value,
        threshold,

        ---------- amounts
        chars,
        copies::bigint as copies,
        tokens_estimate::bigint as tokens_estimate,
        tokens::bigint as tokens

    from unioned

)

select * from named
