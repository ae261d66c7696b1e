-- Each query must return no row, at any moment. Tests run them after every scenario.
-- name: a shot's provider is the one whose turn it is
SELECT id FROM shots WHERE provider <> json_extract(chain, '$[' || chain_pos || ']');
-- name: a finished picture has exactly one asset, any other shot has none
SELECT s.id FROM shots s LEFT JOIN assets a ON a.shot_id = s.id
 WHERE (s.state IN ('done', 'review', 'publishing')) <> (a.id IS NOT NULL);
-- name: a finished picture's files are all published
SELECT s.id FROM shots s JOIN assets a ON a.shot_id = s.id JOIN files f ON f.asset_id = a.id
 WHERE s.state IN ('done', 'review') AND f.state <> 'published';
-- name: a finished picture has one master and one sidecar
SELECT a.id FROM assets a JOIN shots s ON s.id = a.shot_id WHERE s.state IN ('done', 'review', 'publishing')
   AND s.lead = 1
   AND (SELECT group_concat(role) FROM (SELECT role FROM files f WHERE f.asset_id = a.id ORDER BY role))
       IS NOT 'master,sidecar';
-- name: the asset's state follows the shot's
SELECT s.id FROM shots s JOIN assets a ON a.shot_id = s.id
 WHERE s.state IN ('done', 'review') AND (s.state = 'review') <> (a.state = 'review');
-- name: a closed job has no unfinished shot
SELECT j.id FROM jobs j JOIN shots s ON s.job_id = j.id
 WHERE j.state = 'closed' AND s.state NOT IN ('done', 'review', 'failed', 'cancelled');
-- name: a closed job has published its job.json
-- (one that was cancelled before anything was begun has no folder)
SELECT j.id FROM jobs j WHERE j.state = 'closed'
   AND NOT (j.result = 'cancelled' AND NOT EXISTS
            (SELECT 1 FROM shots s WHERE s.job_id = j.id AND (s.starts > 0 OR s.state NOT IN ('failed', 'cancelled'))))
   AND NOT EXISTS (SELECT 1 FROM files f WHERE f.job_id = j.id AND f.role = 'job' AND f.state = 'published');
-- name: what does not wait for its rest is not whole
SELECT j.id FROM jobs j JOIN jobs r ON r.parent_id = j.id AND r.kind = 'rest'
 WHERE j.state = 'closed' AND j.result <> 'partial';
-- name: a picture belongs to the same job as its idea
SELECT s.id FROM shots s JOIN ideas i ON i.id = s.idea_id WHERE s.job_id <> i.job_id;
-- name: nothing that rendered has an attempt still open
SELECT a.id FROM attempts a JOIN shots s ON s.id = a.shot_id WHERE a.outcome IS NULL AND s.state <> 'rendering';
-- name: every shot that is rendering has exactly one open attempt
SELECT s.id FROM shots s WHERE s.state = 'rendering'
   AND (SELECT count(*) FROM attempts a WHERE a.shot_id = s.id AND a.outcome IS NULL) <> 1;
-- name: a shot that rendered has exactly one attempt that succeeded since it was last planned
SELECT s.id FROM shots s WHERE s.state IN ('rendered', 'publishing', 'done', 'review')
   AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.shot_id = s.id AND a.outcome = 'rendered');
-- name: what failed or was cancelled says why
SELECT id FROM shots WHERE state IN ('failed', 'cancelled', 'review') AND reason IS NULL;
-- name: nothing starts more often than it may
SELECT id FROM shots WHERE starts > 20;
-- name: a submission's asset is sellable
SELECT x.asset_id FROM submissions x JOIN assets a ON a.id = x.asset_id WHERE a.sellable = 0;
-- name: a due time has brought a job, or says why not
SELECT schedule, due_at FROM schedule_runs WHERE (job_id IS NULL) = (reason IS NULL);
-- name: what became of a job is what became of its due time
SELECT r.schedule, r.due_at FROM schedule_runs r JOIN jobs j ON j.id = r.job_id
 WHERE r.result <> coalesce(j.result, 'fired');
-- name: whatever may cost something has its row in the books, with the same quote, provider and job
SELECT a.id FROM attempts a JOIN shots x ON x.id = a.shot_id LEFT JOIN spend s ON s.attempt_id = a.id
 WHERE CASE WHEN a.reserved_micros > 0 OR coalesce(a.cost_micros, 0) > 0
            THEN (s.reserved_micros, s.provider, s.job_id) IS NOT (a.reserved_micros, a.provider, x.job_id)
            ELSE s.attempt_id IS NOT NULL END;
-- name: what is reserved is settled when its attempt ends, and not before
SELECT a.id FROM spend s JOIN attempts a ON a.id = s.attempt_id
 WHERE (a.outcome IS NULL) <> (s.settled_micros IS NULL);
-- name: the books say of each attempt what it says itself
SELECT a.id FROM spend s JOIN attempts a ON a.id = s.attempt_id
 WHERE a.outcome IS NOT NULL
   AND NOT CASE a.billed WHEN 'no' THEN s.settled_micros = 0 AND a.cost_micros IS 0
                         WHEN 'yes' THEN s.settled_micros IS a.cost_micros AND a.cost_micros > 0
                         ELSE s.settled_micros = s.reserved_micros AND a.cost_micros IS NULL END;
-- name: the days' sums are those of the books
SELECT day FROM spend_days d
 WHERE micros IS NOT (SELECT sum(coalesce(settled_micros, reserved_micros)) FROM spend s WHERE s.day = d.day)
 UNION ALL SELECT day FROM spend WHERE day NOT IN (SELECT day FROM spend_days);
-- name: one of a picture's tries stands for it
SELECT idea_id FROM shots WHERE tries > 1 GROUP BY idea_id
HAVING sum(lead) <> 1 OR count(*) <> max(tries) OR count(DISTINCT seed) <> count(*) OR count(DISTINCT turn) <> 1;
-- name: whoever was made beside it is a spare, without files in the outbox and in no basket
SELECT a.id FROM assets a JOIN shots s ON s.id = a.shot_id
 WHERE s.lead = 0 AND (a.state NOT IN ('spare', 'cleaned') OR a.number > 0 OR s.state <> 'done'
                       OR EXISTS (SELECT 1 FROM files f WHERE f.asset_id = a.id)
                       OR EXISTS (SELECT 1 FROM submissions x WHERE x.asset_id = a.id)
                       OR EXISTS (SELECT 1 FROM likenesses l WHERE l.asset_id = a.id));
-- name: what is kept is no spare
SELECT a.id FROM assets a JOIN shots s ON s.id = a.shot_id WHERE s.lead = 1 AND (a.state = 'spare' OR a.number < 1);
-- name: only what has rendered is measured
SELECT m.shot_id FROM measures m JOIN shots s ON s.id = m.shot_id
 WHERE s.tries = 1 OR s.state NOT IN ('rendered', 'publishing');
-- name: foreign keys hold
SELECT * FROM pragma_foreign_key_check;
