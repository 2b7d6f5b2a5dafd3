-- Facts that wait to be published; made in the schema of each service that tells any.
create table outbox (
    position   bigserial primary key,
    id         uuid not null unique,
    topic      text not null,
    subject    text not null,
    event      text not null,
    created_at timestamptz not null default now()
);
