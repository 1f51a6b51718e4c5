with cluster_members as (

    select * from {{ ref('cluster_members') }}

),

counted as (

    select
        recipe,
        cluster,

        ---------- the survivor; null where it was removed and the crawl not deduplicated since
        max(crawl) filter (is_survivor and outcome = 'kept') as crawl,
        max(url) filter (is_survivor and outcome = 'kept') as url,
        max(domain) filter (is_survivor and outcome = 'kept') as domain,

        ---------- documents
        count(*) as documents,
        count(distinct crawl) as crawls,
        count(distinct domain) as domains,

        ---------- evidence
        min(similarity) as lowest_similarity,
        -- rounded, so that the order in which threads add does not show
        round(avg(similarity), 9) as mean_similarity,
        string_agg(distinct method, ', ' order by method) as methods

    from cluster_members
    group by recipe, cluster

)

select * from counted
order by recipe, documents desc, cluster
