with cluster_members as (

    select * from {{ ref('cluster_members') }}

),

counted as (

    select
        recipe,
        cluster,
        crawl,
        domain,
        count(*) as documents
    from cluster_members
    group by recipe, cluster, crawl, domain

)

select * from counted
order by recipe, cluster, crawl, domain
