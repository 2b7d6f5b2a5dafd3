-- Says which networks a container is on in every case: a container may have left that of its mode.

update containers
set endpoints = json_build_object(
        case
            when config ->> 'NetworkDisabled' = 'true' then 'none'
            when network_mode = 'default' then 'bridge'
            else network_mode
        end,
        json_build_object('MacAddress', coalesce(config ->> 'MacAddress', '')))
where endpoints::text = '{}' and network_mode not like 'container:%';
