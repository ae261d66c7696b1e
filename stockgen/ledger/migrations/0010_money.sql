-- What was reserved before a request and settled after it, by the local day on which it was begun. `settled_micros` is
-- NULL until the attempt has ended. One row for each attempt that may cost something, none for the others.
DROP TABLE spend;
CREATE TABLE spend (
  attempt_id INTEGER PRIMARY KEY REFERENCES attempts(id),
  job_id TEXT NOT NULL REFERENCES jobs(id),
  provider TEXT NOT NULL,
  day TEXT NOT NULL,               -- YYYY-MM-DD in the config's time zone
  reserved_micros INTEGER NOT NULL CHECK (reserved_micros >= 0),
  settled_micros INTEGER CHECK (settled_micros >= 0)
) STRICT;
CREATE INDEX spend_day ON spend(day, provider, reserved_micros, settled_micros);
CREATE INDEX spend_job ON spend(job_id, reserved_micros, settled_micros);
CREATE INDEX spend_open ON spend(attempt_id) WHERE settled_micros IS NULL;
CREATE TRIGGER spend_settled_once BEFORE UPDATE OF settled_micros ON spend WHEN old.settled_micros IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an attempt is settled once'); END;

-- The sum of `spend` by day, kept by SQLite itself: a claim asks for its month, and that must not take longer the more
-- was bought in it (8 ms with 100,000 rows).
CREATE TABLE spend_days (
  day TEXT PRIMARY KEY,
  micros INTEGER NOT NULL
) STRICT;
CREATE TRIGGER spend_reserved AFTER INSERT ON spend BEGIN
  INSERT INTO spend_days VALUES (new.day, coalesce(new.settled_micros, new.reserved_micros))
  ON CONFLICT (day) DO UPDATE SET micros = micros + excluded.micros;
END;
CREATE TRIGGER spend_settled AFTER UPDATE OF settled_micros ON spend BEGIN
  UPDATE spend_days SET micros = micros + new.settled_micros - old.reserved_micros WHERE day = new.day;
END;

-- How many pictures a provider was asked for of late: its limits per minute outlive a restart.
CREATE INDEX attempts_recent ON attempts(provider, started_at);

-- Providers, or one of their models, that nobody asks for a while, because the next picture would fail like the last.
CREATE TABLE closures (
  provider TEXT NOT NULL,
  model TEXT NOT NULL DEFAULT '',  -- '' = all of its models
  error_class TEXT NOT NULL,
  reason TEXT NOT NULL,            -- JSON: the error's code and facts
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  PRIMARY KEY (provider, model)
) STRICT;
