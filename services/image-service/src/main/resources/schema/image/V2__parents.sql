-- The image that one was committed on; null for images that came from elsewhere. Its row may be gone.
alter table image add column parent text;

create index image_parent on image (parent);
