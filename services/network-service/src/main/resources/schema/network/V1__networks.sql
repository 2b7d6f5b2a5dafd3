-- Networks, endpoints and published ports. Allocation happens under a lock on the host's row, so that two starts never
-- get the same address or port; the constraints are a second net.

create table hosts (
    id        text primary key,
    -- published ports also get a binding on ::
    ipv6      boolean not null,
    -- where the search for a port of our choice goes on
    last_port integer not null default 0
);

create table networks (
    id         text primary key check (id ~ '^[0-9a-f]{64}$'),
    host_id    text        not null references hosts (id),
    name       text        not null,
    -- bridge, host or null
    driver     text        not null,
    predefined boolean     not null,
    -- null for host and none
    subnet     text,
    gateway    text,
    -- the interface on the host
    bridge     text,
    mtu        integer     not null,
    masquerade boolean     not null,
    icc        boolean     not null,
    options    jsonb       not null,
    labels     jsonb       not null,
    created_at timestamptz not null,
    unique (host_id, name)
);

create index networks_id_prefix on networks (id text_pattern_ops);

create table endpoints (
    id             text primary key,
    network_id     text        not null references networks (id),
    host_id        text        not null,
    container_id   text        not null,
    container_name text        not null,
    -- null on host and none
    interface_name text,
    address        text,
    mac_address    text,
    aliases        text[]      not null,
    -- a container's end that is older than this is about an earlier run
    connected_at   timestamptz not null,
    unique (container_id, network_id),
    unique (network_id, address)
);

create table ports (
    id             uuid primary key,
    host_id        text    not null,
    container_id   text    not null,
    container_port integer not null,
    protocol       text    not null,
    host_ip        text    not null,
    host_port      integer not null,
    unique (host_id, protocol, host_port, host_ip)
);

create index ports_container on ports (container_id);
