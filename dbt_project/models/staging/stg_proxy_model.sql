with source as (

    select * from {{ source('lake', 'proxy_model') }}

),

renamed as (

    select
        ---------- keys
        recipe,
        model,

        ---------- training
        config,
        seed,
        device,
        steps,
        tokens_seen,
        parameters,
        loss,
        loss_steps,
        loss_curve,

        ---------- lineage
        tokenized_version,
        tokenizer_digest,
        checkpoint,
        checkpoint_digest

    from source

)

select * from renamed
