with source as (

    select * from {{ source('lake', 'pins') }}

),

renamed as (

    select
        ---------- keys
        table_name,

        ---------- facts
        version,
        published_at

    from source

)

select * from renamed
