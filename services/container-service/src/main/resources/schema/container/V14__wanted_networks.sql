-- What a container wants of its networks, and nothing that a client sent along of what another container had got there: the
-- network's id and the container's names are written by its starts from now on.
update containers
set endpoints = (
    select coalesce(
        json_object_agg(
            e.key,
            '{"IPAMConfig": null, "Links": null, "Aliases": null, "MacAddress": "", "DriverOpts": null, "GwPriority": 0}'::jsonb
                || e.value::jsonb
                || '{"NetworkID": "", "EndpointID": "", "Gateway": "", "IPAddress": "", "IPPrefixLen": 0, "IPv6Gateway": "",
                     "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": null}'::jsonb),
        '{}'::json)
    from json_each(endpoints) e
    where json_typeof(e.value) = 'object');
