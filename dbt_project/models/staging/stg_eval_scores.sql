with source as (

    select * from {{ source('lake', 'eval_scores') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        model,
        task,
        metric,

        ---------- score
        score,
        standard_error,
        n as examples,
        shots,
        scorer_version

    from source

)

select * from renamed
