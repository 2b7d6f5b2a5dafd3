-- Says which networks a container is on in every case: a container may have left that of its mode.

update containers
set endpoints = json_build_object(
        case network_mode when 'default' then 'bridge' else network_mode end,
        json_build_object('MacAddress', coalesce(config ->> 'MacAddress', '')))
where endpoints::text = '{}' and network_mode not like 'container:%';
