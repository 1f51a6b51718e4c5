{#- The bare schema of the folder: `marts`, not `main_marts`. There is one target, so nothing needs a prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
