with extracted as (

    select
        crawl,
        extractor,
        coalesce(language, 'unknown') as language,
        second_language,
        language_agrees
    from {{ ref('stg_extracted') }}
    where outcome = 'kept'

),

others as (

    select
        crawl,
        extractor,
        language,
        second_language,
        count(*) as documents
    from extracted
    where not language_agrees
    group by crawl, extractor, language, second_language

),

usual_others as (

    select
        crawl,
        extractor,
        language,
        first(second_language order by documents desc, second_language) as usual_other_language
    from others
    group by crawl, extractor, language

),

counted as (

    select
        ---------- keys
        crawl,
        extractor,
        language,

        ---------- documents
        count(*) as documents,
        count(language_agrees) as asked_documents,
        count(*) filter (language_agrees) as agreeing_documents

    from extracted
    group by crawl, extractor, language

),

shared as (

    select
        counted.*,
        usual_others.usual_other_language,
        counted.agreeing_documents / nullif(counted.asked_documents, 0) as share_agreeing
    from counted
    left join usual_others
        on counted.crawl = usual_others.crawl
        and counted.extractor = usual_others.extractor
        and counted.language = usual_others.language

)

select * from shared
order by crawl, extractor, language
