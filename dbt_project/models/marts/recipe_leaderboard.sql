with proxy_model as (

    select * from {{ ref('stg_proxy_model') }}

),

eval_scores as (

    select * from {{ ref('stg_eval_scores') }}

),

retention_funnel as (

    select * from {{ ref('retention_funnel') }}

),

pins as (

    select * from {{ ref('stg_pins') }}

),

streams as (

    select
        recipe,
        sum(documents_kept)::bigint as documents,
        sum(copies_kept)::bigint as copies,
        sum(tokens_kept)::bigint as tokens
    from retention_funnel
    where stage = 'tokenized'
    group by recipe

),

-- standard errors of independent tasks add in squares
scores as (

    select
        recipe,
        model,

        ---------- held-out text
        avg(score) filter (metric = 'bits_per_byte') as bits_per_byte,
        sqrt(sum(standard_error ** 2) filter (metric = 'bits_per_byte'))
            / nullif(count(*) filter (metric = 'bits_per_byte'), 0) as bits_per_byte_standard_error,

        ---------- tasks
        count(*) filter (metric = 'accuracy') as tasks,
        avg(score) filter (metric = 'accuracy') as mean_accuracy,
        sqrt(sum(standard_error ** 2) filter (metric = 'accuracy'))
            / nullif(count(*) filter (metric = 'accuracy'), 0) as mean_accuracy_standard_error,
        avg(score) filter (metric = 'centred_accuracy') as mean_centred_accuracy,
        list(
            {
                'task': task,
                'metric': metric,
                'score': score,
                'standard_error': standard_error,
                'examples': examples,
                'shots': shots
            }
            order by task, metric
        ) filter (ends_with(metric, 'accuracy')) as accuracies

    from eval_scores
    group by recipe, model

),

versions as (

    select
        max(version) filter (table_name = 'raw') as raw_version,
        max(version) filter (table_name = 'extracted') as extracted_version,
        max(version) filter (table_name = 'filtered') as filtered_version,
        max(version) filter (table_name = 'deduped') as deduped_version,
        max(version) filter (table_name = 'mixed') as mixed_version,
        max(version) filter (table_name = 'tokenized') as tokenized_version,
        max(version) filter (table_name = 'proxy_model') as proxy_model_version,
        max(version) filter (table_name = 'eval_scores') as eval_scores_version
    from pins

),

joined as (

    select
        proxy_model.recipe,
        proxy_model.model,

        ---------- rank
        case
            when scores.bits_per_byte is not null then rank() over (order by scores.bits_per_byte nulls last)
        end as bits_per_byte_rank,
        scores.bits_per_byte,
        scores.bits_per_byte_standard_error,

        ---------- tasks
        coalesce(scores.tasks, 0) as tasks,
        scores.mean_accuracy,
        scores.mean_accuracy_standard_error,
        scores.mean_centred_accuracy,
        scores.accuracies,

        ---------- data
        coalesce(streams.documents, 0) as documents,
        coalesce(streams.copies, 0) as copies,
        coalesce(streams.tokens, 0) as tokens,

        ---------- training
        proxy_model.loss as final_loss,
        proxy_model.tokens_seen,
        proxy_model.steps,
        proxy_model.parameters,
        proxy_model.seed,
        proxy_model.device,
        proxy_model.checkpoint_digest,
        proxy_model.tokenizer_digest,

        ---------- versions
        proxy_model.tokenized_version as trained_on_version,
        versions.*

    from proxy_model
    cross join versions
    left join scores
        on proxy_model.recipe = scores.recipe
        and proxy_model.model = scores.model
    left join streams
        on proxy_model.recipe = streams.recipe

)

select * from joined
order by bits_per_byte_rank nulls last, recipe, model
