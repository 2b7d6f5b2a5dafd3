create table image (
    id              text primary key,
    os              text not null,
    architecture    text not null,
    variant         text not null,
    created_at      timestamptz,
    size            bigint not null,
    config          text not null,
    labels          text,
    manifest_digest text,
    stored_at       timestamptz not null default now(),
    tagged_at       timestamptz
);

create index image_id_prefix on image (id text_pattern_ops);

create table image_layer (
    image_id     text not null references image on delete cascade,
    position     integer not null,
    diff_id      text not null,
    chain_id     text not null,
    digest       text not null,
    media_type   text not null,
    size         bigint not null,
    tar_size     bigint not null,
    content_size bigint not null,
    primary key (image_id, position)
);

create index image_layer_diff_id on image_layer (diff_id);
create index image_layer_chain_id on image_layer (chain_id);
create index image_layer_digest on image_layer (digest);

create table image_content (
    image_id text not null references image on delete cascade,
    digest   text not null,
    primary key (image_id, digest)
);

create index image_content_digest on image_content (digest);

create table reference (
    name       text primary key,
    repository text not null,
    tag        text,
    image_id   text not null references image
);

create index reference_image on reference (image_id);
