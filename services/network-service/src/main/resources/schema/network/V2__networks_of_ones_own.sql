-- Networks that clients make.

alter table networks
    -- as the client wrote it
    add column scope       text    not null default 'local',
    add column internal    boolean not null default false,
    add column attachable  boolean not null default false,
    -- nothing but settings for others
    add column config_only boolean not null default false,
    -- the name of the network whose settings these are
    add column config_from text,
    -- the API's IPAM: what the client gave, or what was chosen
    add column ipam        jsonb,
    -- whether the client chose the subnet: then it may choose addresses, too
    add column pool_given  boolean not null default false,
    -- part of the subnet from which addresses are given; null for all of it
    add column ip_range    text,
    -- addresses that no container gets
    add column reserved    text[]  not null default '{}',
    -- the interface on hosts; null where each host has a name for it, and where there is none
    add column bridge      text unique;

create index networks_config_from on networks (config_from);

-- What a host has outlives the network until the host has confirmed that it is gone.
alter table networks_on_hosts
    drop constraint networks_on_hosts_network_id_fkey,
    drop constraint networks_on_hosts_host_id_bridge_key,
    add column gone boolean not null default false;

create index networks_on_hosts_gone on networks_on_hosts (network_id) where gone;
