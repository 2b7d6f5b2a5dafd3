-- Subject of the certificate that a host registers with; empty for one on the services' own machine.
alter table hosts add column certificate text not null default '';
