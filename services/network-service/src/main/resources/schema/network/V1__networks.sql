-- Networks, their places on hosts, endpoints and published ports. Addresses are given under a lock on the network's row
-- and ports under one on the host's, so that two starts never get the same; what constraints say is a second net.

create table hosts (
    id        text primary key,
    -- published ports also get a binding on ::
    ipv6      boolean not null,
    -- where the search for a port of our choice goes on
    last_port integer not null default 0
);

-- Networks belong to no host.
create table networks (
    id         text primary key check (id ~ '^[0-9a-f]{64}$'),
    name       text        not null unique,
    driver     text        not null check (driver in ('bridge', 'host', 'null')),
    predefined boolean     not null,
    -- null where each host has one of its own (the network "bridge"), and where there are no addresses
    subnet     text,
    gateway    text,
    options    jsonb       not null,
    labels     jsonb       not null,
    created_at timestamptz not null
);

create index networks_id_prefix on networks (id text_pattern_ops);

-- The networks that every cluster has, with ids of its own.
insert into networks (id, name, driver, predefined, options, labels, created_at)
select encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'),
       name, driver, true, options, '{}', now()
from (values ('bridge', 'bridge', '{"com.docker.network.bridge.default_bridge": "true",
                                    "com.docker.network.bridge.enable_icc": "true",
                                    "com.docker.network.bridge.enable_ip_masquerade": "true",
                                    "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
                                    "com.docker.network.driver.mtu": "1500"}'::jsonb),
             ('host', 'host', '{}'::jsonb),
             ('none', 'null', '{}'::jsonb)) as predefined (name, driver, options);

-- What a host has of a network.
create table networks_on_hosts (
    network_id text   not null references networks (id),
    host_id    text   not null references hosts (id),
    -- the interface
    bridge     text   not null,
    -- the network's, or this host's own
    subnet     text   not null,
    gateway    text   not null,
    -- grows with every change; hosts drop what comes late
    version    bigint not null,
    primary key (network_id, host_id),
    unique (host_id, bridge)
);

create table endpoints (
    id             text primary key,
    network_id     text        not null references networks (id),
    host_id        text        not null,
    container_id   text        not null,
    container_name text        not null,
    -- null on host and none
    interface_name text,
    -- within which the address is the only one: the network, or its place on the host where that has a subnet of its own
    pool           text,
    address        text,
    mac_address    text,
    aliases        text[]      not null,
    -- a container's end that is older than this is about an earlier run
    connected_at   timestamptz not null,
    unique (container_id, network_id),
    unique (pool, address)
);

create index endpoints_network on endpoints (network_id);

-- Runs of ports, so that a container with tens of thousands of them costs one row.
create table ports (
    id             uuid primary key,
    host_id        text    not null,
    container_id   text    not null,
    -- of the first port in the run
    container_port integer not null,
    protocol       text    not null,
    host_ip        text    not null,
    host_port      integer not null,
    count          integer not null check (count > 0)
);

create index ports_host on ports (host_id);
create index ports_container on ports (container_id);
