create table people (
  id uuid primary key,
  name text not null check (length(name) between 1 and 80),
  role text not null check (role in ('operator', 'member', 'guest')),
  created timestamptz not null default now(),
  removed timestamptz,
  removed_by uuid references people
);

-- Only digests: who reads this table can be nobody with them.
create table tokens (
  id uuid primary key,
  person uuid not null references people,
  digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
  created timestamptz not null default now(),
  used timestamptz,
  ends timestamptz
);
create index tokens_person on tokens (person);

create table invites (
  id uuid primary key,
  digest text not null unique check (digest ~ '^[0-9a-f]{64}$'),
  name text not null check (length(name) between 1 and 80),
  role text not null check (role in ('operator', 'member', 'guest')),
  issued_by uuid not null references people,
  issued timestamptz not null default now(),
  expires timestamptz not null,
  approved_by uuid references people,
  ended timestamptz,
  used timestamptz,
  used_by uuid references people
);

create table environments (
  person uuid not null references people,
  machine text not null check (length(machine) between 1 and 63),
  state text not null,
  revision text,
  drifted jsonb not null default '[]',
  node text,
  at timestamptz not null default now(),
  primary key (person, machine)
);

create table incidents (
  id uuid primary key,
  title text not null check (length(title) between 1 and 200),
  detail text check (length(detail) <= 10000),
  state text not null default 'open' check (state in ('open', 'resolved')),
  opened_by uuid not null references people,
  opened timestamptz not null default now(),
  owner uuid references people,
  resolved timestamptz
);
create index incidents_state on incidents (state, opened desc);

create table incident_notes (
  id bigint generated always as identity primary key,
  incident uuid not null references incidents,
  by uuid not null references people,
  at timestamptz not null default now(),
  text text not null check (length(text) between 1 and 10000)
);
create index incident_notes_incident on incident_notes (incident, id);
