-- Hosts are cluster-service's.
alter table containers drop constraint containers_host_id_fkey;
alter table volumes drop constraint volumes_host_id_fkey;
drop table hosts;
