-- Jobs that follow another one: its rest, or what it lacked. Almost none does.
CREATE INDEX jobs_parent ON jobs(parent_id) WHERE parent_id IS NOT NULL;
