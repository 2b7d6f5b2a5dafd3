-- What containers of the default network are linked to (docker run --link): by id, so that a link lasts through renames.

create table links (
    container_id text not null references containers (id) on delete cascade,
    -- what the container calls the other
    alias        text not null,
    target_id    text not null references containers (id) on delete cascade,
    primary key (container_id, alias)
);

create index links_target on links (target_id);

-- Others have been linked to it: they are to be told of its starts.
alter table containers
    add column linked_to boolean not null default false;
