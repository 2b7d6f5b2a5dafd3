-- Networks with IPv6, and without IPv4; macvlan and ipvlan.

alter table networks
    add column enable_ipv4 boolean not null default true,
    add column enable_ipv6 boolean not null default false,
    -- as the columns without the number are for IPv4; null while the network has no IPv6
    add column subnet6     text,
    add column gateway6    text,
    add column pool6_given boolean not null default false,
    add column ip_range6   text;

-- A host's place in a network without IPv4 has no such address.
alter table networks_on_hosts
    alter column subnet drop not null,
    alter column gateway drop not null;

alter table endpoints
    add column address6   text,
    -- addresses that mean something on this network only, in CIDR form
    add column link_local text[] not null default '{}',
    add unique (pool, address6);

alter table networks
    drop constraint networks_driver_check,
    add check (driver in ('bridge', 'macvlan', 'ipvlan', 'host', 'null'));
