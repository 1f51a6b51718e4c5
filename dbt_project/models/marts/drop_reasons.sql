with document_fates as (

    select * from {{ ref('document_fates') }}

),

document_counts as (

    select * from {{ ref('document_counts') }}

),

reasons as (

    select
        recipe,
        crawl,
        stage,
        outcome,
        rule,
        language,
        count(*) as documents,
        min(value) as min_value,
        median(value) as median_value,
        max(value) as max_value,
        min(threshold) as threshold
    from document_fates
    -- tokenized drops nothing; naming it here spares reading the tokens
    where stage <> 'tokenized' and outcome <> 'kept'
    group by recipe, crawl, stage, outcome, rule, language

),

entered as (

    select
        recipe,
        crawl,
        stage,
        language,
        sum(documents) as documents_of_language,
        sum(sum(documents)) over (partition by recipe, crawl, stage) as documents_of_stage
    from document_counts
    group by recipe, crawl, stage, language

),

joined as (

    select
        reasons.recipe,
        reasons.crawl,
        reasons.stage,
        reasons.outcome,
        reasons.rule,
        reasons.language,

        ---------- documents
        reasons.documents,
        reasons.documents / entered.documents_of_stage as share_of_stage,
        reasons.documents / entered.documents_of_language as share_of_language,

        ---------- evidence
        reasons.min_value,
        reasons.median_value,
        reasons.max_value,
        reasons.threshold

    from reasons
    inner join entered
        on reasons.recipe = entered.recipe
        and reasons.crawl = entered.crawl
        and reasons.stage = entered.stage
        and reasons.language = entered.language

)

select * from joined
order by recipe, crawl, stage, outcome, rule, language
