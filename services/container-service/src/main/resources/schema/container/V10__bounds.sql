-- Reports that could not be applied, for whoever looks into why: later ones of their host do not wait for them.
create table reports_aside (
    host_id      text        not null,
    epoch        bigint      not null,
    sequence     bigint      not null,
    container_id text        not null,
    report       text        not null,
    reason       text        not null,
    at           timestamptz not null default now(),
    primary key (host_id, epoch, sequence)
);

-- Only the latest ended execs of a container are kept.
alter table execs add column exited_at timestamptz;

-- Layers of deleted images that a host still has to delete, since it could not be reached.
create table snapshots_to_delete (
    host_id  text   not null,
    chain_id text   not null,
    -- what stands on others goes before them
    position bigint generated always as identity,
    primary key (host_id, chain_id)
);
