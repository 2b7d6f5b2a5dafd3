-- Of networks whose containers share an interface: subnets beyond the first of a family, each with its gateway and the range
-- for containers, parted by blanks.
alter table networks
    add column further text[] not null default '{}';
