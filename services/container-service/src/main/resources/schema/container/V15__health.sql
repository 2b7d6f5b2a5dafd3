-- Whether the host checks a container's health: of those that were made before it could, it does not.
alter table containers add column health_checked boolean not null default false;

-- What it has found: none (before the first start, too), starting, healthy or unhealthy. The latest results are text, since
-- what a program wrote may have NUL characters, which PostgreSQL does not read in JSON.
alter table containers add column health_status text not null default 'none';
alter table containers add column failing_streak bigint not null default 0;
alter table containers add column health_log text not null default '[]';
