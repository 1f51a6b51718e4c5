with deduped as (

    select * from {{ ref('stg_deduped') }}

),

caused as (

    select * from {{ ref('document_causes') }}

),

entered as (

    select
        recipe,
        crawl,
        count(*) filter (outcome <> 'removed') as documents_of_crawl
    from deduped
    group by recipe, crawl

),

counted as (

    select
        caused.recipe,
        caused.crawl,
        caused.cause,
        caused.reach,
        caused.method,
        count(*) as documents,
        count(*) / any_value(entered.documents_of_crawl) as share_of_crawl,
        round(avg(caused.similarity), 9) as mean_similarity
    from caused
    inner join entered
        on caused.recipe = entered.recipe
        and caused.crawl = entered.crawl
    group by caused.recipe, caused.crawl, caused.cause, caused.reach, caused.method

)

select * from counted
order by recipe, crawl, cause, reach, method
