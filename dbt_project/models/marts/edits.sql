with filtered as (

    select * from {{ ref('stg_filtered') }}

),

document_edits as (

    select * from {{ ref('document_edits') }}

),

-- what the editors were given, and what deduplication was: the characters that are left, and those that are gone
edited as (

    select
        recipe,
        crawl,
        'filtered' as stage,
        count(*) as documents_given,
        sum(chars + coalesce(list_sum(list_transform(edits, lambda edit: edit.stop - edit.start - edit.put)), 0))
            as chars_given
    from filtered
    where outcome in ('kept', 'dropped') and chars is not null
    group by recipe, crawl

),

given as (

    select * from edited
    union all
    select
        recipe,
        crawl,
        'deduped' as stage,
        count(*) as documents_given,
        sum(chars) as chars_given
    from filtered
    where outcome = 'kept'
    group by recipe, crawl

),

counted as (

    select
        recipe,
        crawl,
        stage,
        rule,
        count(distinct doc_id) as documents,
        count(distinct doc_id) filter (outcome = 'kept') as documents_kept,
        count(*) as edits,
        sum(chars_removed)::bigint as chars_removed,
        sum(chars_put)::bigint as chars_put
    from document_edits
    group by recipe, crawl, stage, rule

),

joined as (

    select
        counted.recipe,
        counted.crawl,
        counted.stage,
        counted.rule,

        ---------- documents
        counted.documents,
        counted.documents_kept,
        counted.documents / given.documents_given as share_of_documents,

        ---------- edits
        counted.edits,
        counted.chars_removed,
        counted.chars_put,
        counted.chars_removed / given.chars_given as share_of_chars

    from counted
    inner join given
        on counted.recipe = given.recipe
        and counted.crawl = given.crawl
        and counted.stage = given.stage

)

select * from joined
order by recipe, crawl, stage, rule
