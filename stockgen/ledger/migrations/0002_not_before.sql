-- Jobs that wait for their own time are looked up at every turn; almost none has one.
CREATE INDEX jobs_not_before ON jobs(not_before) WHERE not_before IS NOT NULL AND state <> 'closed';
