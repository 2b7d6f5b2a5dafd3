-- Hosts, containers, execs and volumes. Columns "desired_*" and "operation*" are written by commands, "observed_*" and
-- those below it by the host's reports only. What answers show as it is, is json and not jsonb: the very text is kept.

create table hosts (
    id          text primary key,
    address     text        not null,
    description jsonb       not null,
    last_seen   timestamptz not null
);

create table containers (
    id                text primary key check (id ~ '^[0-9a-f]{64}$'),
    host_id           text        not null references hosts (id),
    name              text        not null unique,
    created_at        timestamptz not null,
    image_id          text        not null,
    image_reference   text        not null,
    platform          text        not null,
    config            json        not null,
    host_config       json        not null,
    endpoints         json        not null,
    mounts            json        not null,
    chains            jsonb       not null,
    labels            json        not null,
    command           text        not null,
    network_mode      text        not null,
    auto_remove       boolean     not null,

    -- desired state: created, running, stopped or removed
    desired           text        not null,
    -- create, start or remove while one is under way; the owner is the replica that carries it out
    operation         text,
    operation_id      uuid,
    operation_owner   integer,
    remove_volumes    boolean     not null default false,

    -- what network-service allocated; null while detached
    network           json,

    -- observed state: created, running, paused, restarting, exited or dead
    observed          text        not null,
    observed_epoch    bigint      not null default 0,
    observed_sequence bigint      not null default 0,
    pid               integer     not null default 0,
    exit_code         integer     not null default 0,
    exits             bigint      not null default 0,
    oom_killed        boolean     not null default false,
    error             text        not null default '',
    started_at        timestamptz,
    finished_at       timestamptz,
    restart_count     integer     not null default 0,
    network_namespace text        not null default ''
);

create index containers_image on containers (image_id);
create index containers_operation on containers (operation) where operation is not null;
create index containers_id_prefix on containers (id text_pattern_ops);

create table execs (
    id           text primary key,
    container_id text        not null references containers (id) on delete cascade,
    config       json        not null,
    created_at   timestamptz not null,
    -- created, starting, running or exited
    state        text        not null,
    pid          integer     not null default 0,
    exit_code    integer
);

create index execs_container on execs (container_id);

create table volumes (
    name            text primary key,
    host_id         text        not null references hosts (id),
    driver          text        not null,
    labels          jsonb,
    options         jsonb,
    mountpoint      text        not null,
    created_at      timestamptz not null,
    anonymous       boolean     not null,
    -- create or remove while one is under way
    operation       text,
    operation_id    uuid,
    operation_owner integer
);

-- Which container mounts which volume, and where.
create table volume_uses (
    container_id text not null references containers (id) on delete cascade,
    volume_name  text not null references volumes (name),
    destination  text not null,
    -- made for this container and going with it
    anonymous    boolean not null,
    primary key (container_id, destination)
);

create index volume_uses_volume on volume_uses (volume_name);
