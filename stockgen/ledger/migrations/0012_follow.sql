-- Jobs that follow another one: its rest, or what it lacked. Almost none does.
CREATE INDEX jobs_parent ON jobs(parent_id) WHERE parent_id IS NOT NULL;
-- Shots whose words a provider has refused; almost none is one.
CREATE INDEX shots_reworded ON shots(provider) WHERE state = 'planned' AND wish ->> '$.rephrase' IS NOT NULL;
