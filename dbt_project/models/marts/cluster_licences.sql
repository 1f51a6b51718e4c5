with cluster_members as (

    select * from {{ ref('cluster_members') }}

),

extracted as (

    select * from {{ ref('stg_extracted') }}

),

mixed as (

    select * from {{ ref('stg_mixed') }}

),

-- every statement of the page, whatever a policy makes of it
found as (

    select
        cluster_members.recipe,
        cluster_members.cluster,
        cluster_members.crawl,
        cluster_members.doc_id,
        cluster_members.is_survivor,
        cluster_members.similarity,
        cluster_members.url,
        extracted.licence_evidence,
        list_sort(list_distinct(
            coalesce(json_extract_string(extracted.licence_evidence, '$[*].licence'), [])
        )) as licences
    from cluster_members
    left join extracted
        on cluster_members.crawl = extracted.crawl
        and cluster_members.extractor = extracted.extractor
        and cluster_members.shard = extracted.shard
        and cluster_members.doc_id = extracted.doc_id

),

survivors as (

    select * from found where is_survivor

),

compared as (

    select
        ---------- keys
        found.recipe,
        found.cluster,
        found.crawl,
        found.doc_id,

        ---------- place in the cluster
        found.is_survivor,
        found.similarity,
        found.url,

        ---------- evidence, as it was found
        array_to_string(found.licences, ', ') as licences,
        found.licence_evidence,

        ---------- the survivor
        array_to_string(survivors.licences, ', ') as survivor_licences,
        mixed.licence_class as survivor_class,
        mixed.outcome as survivor_outcome,
        case
            when found.is_survivor then 'survivor'
            when found.licences = survivors.licences then 'same'
            when list_contains(found.licences, 'LicenseRef-all-rights-reserved')
                and not list_contains(survivors.licences, 'LicenseRef-all-rights-reserved') then 'copy_reserves'
            when len(found.licences) = 0 then 'copy_silent'
            when len(survivors.licences) = 0 then 'survivor_silent'
            else 'other_licence'
        end as agreement

    from found
    inner join survivors
        on found.recipe = survivors.recipe
        and found.cluster = survivors.cluster
    left join mixed
        on survivors.recipe = mixed.recipe
        and survivors.crawl = mixed.crawl
        and survivors.doc_id = mixed.doc_id
    -- a cluster in which no page says anything has nothing to tell
    qualify max(len(found.licences)) over (partition by found.recipe, found.cluster) > 0

)

select * from compared
order by recipe, cluster, crawl, doc_id
