-- Tries of one picture: shots of one idea that differ in their seeds. `try`: which one it is, from 0; `tries`: how many
-- there are. `lead`: 1 = it stands for its picture wherever pictures are counted; exactly one of them does. `turn`: the
-- picture's place in its job, by which jobs take turns; tries of one picture have one turn, so that it is soon decided.
ALTER TABLE shots ADD COLUMN try INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shots ADD COLUMN tries INTEGER NOT NULL DEFAULT 1;
ALTER TABLE shots ADD COLUMN lead INTEGER NOT NULL DEFAULT 1;
ALTER TABLE shots ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
UPDATE shots SET turn = position;
DROP INDEX shots_claim;
CREATE INDEX shots_claim ON shots(provider, priority DESC, rank, turn, id) WHERE state = 'planned';
CREATE INDEX shots_pictures ON shots(state) WHERE lead = 1;
DROP INDEX shots_job;
CREATE INDEX shots_job ON shots(job_id, state, lead);

-- Who stands for a picture: whoever became it; else one that is being made, one that waits for that, one that has
-- rendered; else, where none came to anything, the one that ended last. Of equals it stays who it is.
CREATE TRIGGER shots_lead AFTER UPDATE OF state ON shots WHEN new.tries > 1 AND new.state <> old.state BEGIN
  UPDATE shots SET lead = 0 WHERE idea_id = new.idea_id AND lead = 1 AND id <>
    (SELECT id FROM shots WHERE idea_id = new.idea_id ORDER BY
       CASE state WHEN 'publishing' THEN 0 WHEN 'done' THEN 0 WHEN 'review' THEN 0 WHEN 'rendering' THEN 1
                  WHEN 'planned' THEN 2 WHEN 'rendered' THEN 3 ELSE 4 END, lead DESC, try LIMIT 1);
  UPDATE shots SET lead = 1 WHERE idea_id = new.idea_id AND lead = 0 AND id =
    (SELECT id FROM shots WHERE idea_id = new.idea_id ORDER BY
       CASE state WHEN 'publishing' THEN 0 WHEN 'done' THEN 0 WHEN 'review' THEN 0 WHEN 'rendering' THEN 1
                  WHEN 'planned' THEN 2 WHEN 'rendered' THEN 3 ELSE 4 END, lead DESC, try LIMIT 1);
END;

-- What was measured of a try that has rendered, until it has ended: so that it is measured once. `checks`: JSON; `kept`:
-- what it looks like, as in `likenesses`.
CREATE TABLE measures (
  shot_id INTEGER PRIMARY KEY REFERENCES shots(id) ON DELETE CASCADE,
  checks TEXT NOT NULL,
  kept BLOB NOT NULL
) STRICT;
CREATE TRIGGER measures_over AFTER UPDATE OF state ON shots
WHEN new.tries > 1 AND new.state NOT IN ('rendered', 'publishing') BEGIN
  DELETE FROM measures WHERE shot_id = new.id;
END;
CREATE INDEX assets_spare ON assets(created_at) WHERE state = 'spare';
