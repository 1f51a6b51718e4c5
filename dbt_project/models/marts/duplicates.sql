with deduped as (

    select * from {{ ref('stg_deduped') }}

),

duplicate_pairs as (

    select * from {{ ref('stg_duplicate_pairs') }}

),

members as (

    select * from {{ ref('cluster_members') }}

),

first_seen as (

    select
        recipe,
        doc_id,
        min(crawl) as crawl
    from deduped
    group by recipe, doc_id

),

judged as (

    select
        deduped.*,
        deduped.outcome = 'duplicate' as is_duplicate,
        -- a method of spans names no other document: such a duplicate is neither within nor across
        deduped.outcome = 'duplicate' and deduped.representative is null as is_by_spans,
        deduped.outcome = 'duplicate' and deduped.representative is not null
            and first_seen.crawl is distinct from deduped.crawl as is_across
    from deduped
    left join first_seen
        on deduped.recipe = first_seen.recipe
        and deduped.representative = first_seen.doc_id

),

-- a cluster is its last survivor and all that stand for it, in whatever crawl they are
clusters as (

    select
        recipe,
        cluster,
        count(*) as documents
    from members
    group by recipe, cluster

),

crawl_clusters as (

    select
        touched.recipe,
        touched.crawl,
        count(*) as clusters,
        max(clusters.documents) as largest_cluster
    from (select distinct recipe, crawl, cluster from members where not is_survivor) as touched
    inner join clusters
        on touched.recipe = clusters.recipe
        and touched.cluster = clusters.cluster
    group by touched.recipe, touched.crawl

),

pairs as (

    select
        recipe,
        crawl,
        count(*) as pairs_compared,
        count(*) filter (accepted) as pairs_accepted
    from duplicate_pairs
    group by recipe, crawl

),

counted as (

    select
        recipe,
        crawl,
        count(*) as documents,
        count(*) filter (is_duplicate) as duplicates,
        count(*) filter (is_duplicate and not is_across and not is_by_spans) as duplicates_within,
        count(*) filter (is_across) as duplicates_across,
        count(*) filter (is_by_spans) as duplicates_by_spans,
        count(*) filter (is_duplicate and method = 'exact') as duplicates_exact,
        count(*) filter (is_duplicate and method = 'minhash') as duplicates_minhash,
        count(*) filter (is_duplicate and coalesce(method, '') not in ('exact', 'minhash')) as duplicates_other,
        -- rounded, so that the order in which threads add does not show
        round(avg(similarity) filter (is_duplicate), 9) as mean_similarity
    from judged
    group by recipe, crawl

),

joined as (

    select
        counted.recipe,
        counted.crawl,

        ---------- documents
        counted.documents,
        counted.duplicates,
        counted.duplicates / counted.documents as share_duplicate,
        counted.duplicates_within,
        counted.duplicates_across,
        counted.duplicates_by_spans,

        ---------- methods
        counted.duplicates_exact,
        counted.duplicates_minhash,
        counted.duplicates_other,
        counted.mean_similarity,

        ---------- clusters
        coalesce(crawl_clusters.clusters, 0) as clusters,
        coalesce(crawl_clusters.largest_cluster, 0) as largest_cluster,

        ---------- evidence
        coalesce(pairs.pairs_compared, 0) as pairs_compared,
        coalesce(pairs.pairs_accepted, 0) as pairs_accepted

    from counted
    left join crawl_clusters
        on counted.recipe = crawl_clusters.recipe
        and counted.crawl = crawl_clusters.crawl
    left join pairs
        on counted.recipe = pairs.recipe
        and counted.crawl = pairs.crawl

)

select * from joined
order by recipe, crawl
