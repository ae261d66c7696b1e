-- Which models have measured ideas. A model is known again by what it makes of one sentence (`probe`), not by its name:
-- a name may stand for another model tomorrow. `writer`: through which it was asked first.
CREATE TABLE embedders (
  id INTEGER PRIMARY KEY,
  writer TEXT NOT NULL,
  probe BLOB NOT NULL
) STRICT;
-- Where an idea lies among all ideas, by one such model: signed bytes (docs/novelty.md).
CREATE TABLE embeddings (
  idea_id INTEGER PRIMARY KEY REFERENCES ideas(id) ON DELETE CASCADE,
  embedder_id INTEGER NOT NULL REFERENCES embedders(id),
  vector BLOB NOT NULL
) STRICT;
-- What was refused or thrown away last, of however many.
CREATE INDEX submissions_rejected ON submissions(at) WHERE state = 'rejected';
CREATE INDEX assets_dropped ON assets(created_at) WHERE state = 'dropped';
