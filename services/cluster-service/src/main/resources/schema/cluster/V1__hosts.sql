create table hosts (
    id          text primary key,
    -- JSON, as the agent told it last
    description text        not null,
    last_seen   timestamptz not null,
    -- subject of the certificate that the host registers with; empty for one on the services' own machine
    certificate text        not null
);
