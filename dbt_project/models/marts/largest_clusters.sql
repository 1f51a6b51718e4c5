with clusters as (

    select * from {{ ref('clusters') }}

),

cluster_members as (

    select * from {{ ref('cluster_members') }}

),

ranked as (

    select
        *,
        row_number() over (partition by recipe order by documents desc, cluster) as place
    from clusters
    qualify place <= 100

),

-- those least like the survivor are shown: where a cluster is wrong, they tell
examples as (

    select
        cluster_members.*,
        row_number() over (
            partition by cluster_members.recipe, cluster_members.cluster
            order by cluster_members.similarity, cluster_members.crawl, cluster_members.doc_id
        ) as example_place
    from cluster_members
    semi join ranked
        on cluster_members.recipe = ranked.recipe
        and cluster_members.cluster = ranked.cluster
    where not cluster_members.is_survivor
    qualify example_place <= 3

),

listed as (

    select
        recipe,
        cluster,
        list(
            {
                'doc_id': doc_id,
                'crawl': crawl,
                'url': url,
                'method': method,
                'similarity': similarity,
                'beginning': beginning
            }
            order by example_place
        ) as examples
    from examples
    group by recipe, cluster

),

joined as (

    select
        ranked.recipe,
        ranked.place,
        ranked.cluster,
        ranked.documents,
        ranked.crawls,
        ranked.domains,
        ranked.lowest_similarity,
        ranked.url,
        survivors.beginning,
        listed.examples
    from ranked
    inner join listed
        on ranked.recipe = listed.recipe
        and ranked.cluster = listed.cluster
    left join (from cluster_members where is_survivor) as survivors
        on ranked.recipe = survivors.recipe
        and ranked.cluster = survivors.cluster

)

select * from joined
order by recipe, place
