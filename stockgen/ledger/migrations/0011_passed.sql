-- Providers of its chain that were passed over without being asked, and why: JSON, provider -> reason.
ALTER TABLE shots ADD COLUMN passed TEXT NOT NULL DEFAULT '{}';

-- Words that a provider has refused are never sent to it again.
CREATE INDEX attempts_refused ON attempts(provider, shot_id) WHERE error_class = 'Refused';
