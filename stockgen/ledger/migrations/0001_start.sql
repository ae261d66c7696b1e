-- Times are ISO-8601 UTC with Z and milliseconds; money is integer micro-USD; paths are relative to the outbox.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'schedule', 'command', 'retry', 'more', 'rest')),
  parent_id TEXT REFERENCES jobs(id),
  state TEXT NOT NULL CHECK (state IN ('planning', 'open', 'closed')),
  result TEXT CHECK (result IN ('done', 'partial', 'failed', 'cancelled')),
  source_name TEXT NOT NULL,
  source_sha256 TEXT NOT NULL,
  source BLOB NOT NULL,
  preset TEXT NOT NULL DEFAULT '',
  priority INTEGER NOT NULL DEFAULT 0,
  not_before TEXT,
  budget_micros INTEGER,
  folder TEXT NOT NULL,
  orders TEXT NOT NULL,            -- JSON: the orders as they were understood
  remarks TEXT NOT NULL,           -- JSON: what the author was told
  arrival TEXT,                    -- device:inode:size:mtime_ns of the file until it has been moved to accepted/
  cancelled INTEGER NOT NULL DEFAULT 0,
  accepted_at TEXT NOT NULL,
  closed_at TEXT,
  CHECK ((state = 'closed') = (result IS NOT NULL AND closed_at IS NOT NULL))
) STRICT;
CREATE INDEX jobs_working ON jobs(state) WHERE state <> 'closed';
CREATE INDEX jobs_planning ON jobs(priority DESC, accepted_at) WHERE state = 'planning';
CREATE INDEX jobs_arrival ON jobs(arrival) WHERE arrival IS NOT NULL;
CREATE INDEX jobs_source ON jobs(source_sha256);

CREATE TABLE ideas (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs(id),
  position INTEGER NOT NULL,
  order_index INTEGER NOT NULL,
  mode TEXT NOT NULL,
  writer TEXT,
  prompt TEXT NOT NULL,
  title_en TEXT NOT NULL, title_ko TEXT NOT NULL,
  description_en TEXT NOT NULL, description_ko TEXT NOT NULL,
  tags_en TEXT NOT NULL, tags_ko TEXT NOT NULL,   -- JSON lists
  category TEXT NOT NULL,
  motif_id INTEGER,
  refused_reason TEXT,
  created_at TEXT NOT NULL,
  UNIQUE (job_id, position)
) STRICT;

CREATE TABLE shots (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs(id),
  idea_id INTEGER NOT NULL REFERENCES ideas(id),
  position INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('planned', 'rendering', 'rendered', 'publishing', 'done', 'review', 'failed', 'cancelled')),
  reason TEXT,
  prompt TEXT NOT NULL,
  seed INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  wish TEXT NOT NULL,              -- JSON
  needs TEXT NOT NULL,             -- JSON list
  chain TEXT NOT NULL,             -- JSON list of provider names
  chain_pos INTEGER NOT NULL DEFAULT 0,
  provider TEXT NOT NULL,          -- chain[chain_pos]
  stack TEXT NOT NULL,             -- what its provider would load for it
  priority INTEGER NOT NULL,
  rank INTEGER NOT NULL,           -- 0 dropped files and commands, 1 schedules
  not_before TEXT NOT NULL DEFAULT '',
  waiting_since TEXT NOT NULL,
  starts INTEGER NOT NULL DEFAULT 0,
  solo INTEGER NOT NULL DEFAULT 0,
  degraded INTEGER NOT NULL DEFAULT 0,
  token TEXT,
  raw_path TEXT,
  raw_sha256 TEXT,
  updated_at TEXT NOT NULL,
  UNIQUE (job_id, position),
  CHECK ((state = 'rendering') <= (token IS NOT NULL)),
  CHECK ((state IN ('rendered', 'publishing')) <= (raw_path IS NOT NULL AND raw_sha256 IS NOT NULL))
) STRICT;
-- The claim order. `position` before job: picture 1 of every job, then picture 2 of every job: turns without a counter.
CREATE INDEX shots_claim ON shots(provider, priority DESC, rank, position, id) WHERE state = 'planned';
CREATE INDEX shots_state ON shots(state);
CREATE INDEX shots_job ON shots(job_id, state);
CREATE INDEX shots_idea ON shots(idea_id);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  shot_id INTEGER NOT NULL REFERENCES shots(id),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  request TEXT NOT NULL,           -- JSON: what the provider was really asked for
  started_at TEXT NOT NULL,
  seconds REAL,
  outcome TEXT CHECK (outcome IN ('rendered', 'failed', 'cancelled', 'stopped', 'lost')),
  error_class TEXT,
  reason TEXT,
  dropped TEXT NOT NULL,           -- JSON: job-file key -> message key
  facts TEXT NOT NULL DEFAULT '{}',
  reserved_micros INTEGER NOT NULL DEFAULT 0,
  cost_micros INTEGER,
  billed TEXT NOT NULL DEFAULT 'no' CHECK (billed IN ('no', 'yes', 'maybe'))
) STRICT;
CREATE INDEX attempts_shot ON attempts(shot_id);
CREATE INDEX attempts_open ON attempts(outcome) WHERE outcome IS NULL;

CREATE TABLE assets (
  id INTEGER PRIMARY KEY,
  shot_id INTEGER NOT NULL UNIQUE REFERENCES shots(id),
  job_id TEXT NOT NULL REFERENCES jobs(id),
  number INTEGER NOT NULL,
  stem TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'review', 'dropped', 'spare', 'cleaned')),
  review_reason TEXT,
  look TEXT NOT NULL,
  degraded INTEGER NOT NULL,
  score REAL,
  phash INTEGER,
  checks TEXT NOT NULL,            -- JSON list
  sellable INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (job_id, number)
) STRICT;
CREATE INDEX assets_state ON assets(state);

CREATE TABLE baskets (
  id INTEGER PRIMARY KEY,
  market TEXT NOT NULL,
  clicks TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('staged', 'published')),
  made_at TEXT NOT NULL
) STRICT;

CREATE TABLE files (
  id INTEGER PRIMARY KEY,
  asset_id INTEGER REFERENCES assets(id),
  job_id TEXT REFERENCES jobs(id),
  role TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  staged TEXT NOT NULL,            -- name in the staging folder
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('staged', 'published'))
) STRICT;
CREATE INDEX files_asset ON files(asset_id);
CREATE INDEX files_job ON files(job_id);
CREATE INDEX files_staged ON files(state) WHERE state = 'staged';

CREATE TABLE submissions (
  asset_id INTEGER NOT NULL REFERENCES assets(id),
  market TEXT NOT NULL,
  basket_id INTEGER REFERENCES baskets(id),
  stem TEXT NOT NULL,
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('basket', 'uploaded', 'accepted', 'rejected', 'hidden')),
  reason TEXT,
  at TEXT NOT NULL,
  UNIQUE (asset_id, market)
) STRICT;
CREATE INDEX submissions_market ON submissions(market, at);

CREATE TABLE commands (
  id TEXT PRIMARY KEY,
  command TEXT NOT NULL,
  arguments TEXT NOT NULL,
  result TEXT NOT NULL CHECK (result IN ('done', 'refused', 'stored')),
  told TEXT NOT NULL,              -- JSON list of remarks
  at TEXT NOT NULL
) STRICT;

-- Read by people's own scripts from the first version on; written by the parts that come later.
CREATE TABLE sales (
  asset_id INTEGER NOT NULL REFERENCES assets(id),
  market TEXT NOT NULL,
  amount_micros INTEGER NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE TABLE spend (
  attempt_id INTEGER NOT NULL REFERENCES attempts(id),
  provider TEXT NOT NULL,
  day TEXT NOT NULL,
  reserved_micros INTEGER NOT NULL,
  settled_micros INTEGER
) STRICT;

CREATE TABLE schedule_runs (
  schedule TEXT NOT NULL,
  due_at TEXT NOT NULL,
  job_id TEXT REFERENCES jobs(id),
  result TEXT,
  UNIQUE (schedule, due_at)
) STRICT;
