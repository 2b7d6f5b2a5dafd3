-- Containers that are gone and whose logs their hosts keep until then, with what an inspection said at the end: text, as health_log is.
create table kept_logs (
    id text primary key,
    host_id text not null,
    until timestamptz not null,
    inspection text not null
);
create index kept_logs_until on kept_logs (until);
