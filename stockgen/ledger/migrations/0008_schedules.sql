-- Why a due time brought no job (JSON: a remark), and when it was accounted for.
ALTER TABLE schedule_runs ADD COLUMN reason TEXT;
ALTER TABLE schedule_runs ADD COLUMN at TEXT;
CREATE INDEX schedule_runs_at ON schedule_runs(at);
CREATE INDEX schedule_runs_job ON schedule_runs(job_id) WHERE job_id IS NOT NULL;
-- What became of the job is what became of the due time.
CREATE TRIGGER schedule_runs_ended AFTER UPDATE OF result ON jobs WHEN NEW.result IS NOT NULL BEGIN
  UPDATE schedule_runs SET result = NEW.result WHERE job_id = NEW.id;
END;
