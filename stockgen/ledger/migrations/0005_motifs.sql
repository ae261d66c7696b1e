-- Motifs: ideas that a reviewer would call the same picture. `root`: what the first of them was told by.
CREATE TABLE motifs (
  id INTEGER PRIMARY KEY,
  root TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
-- By which a motif is found again: hashes of prompts, roots and titles (pipeline/motifs.py).
CREATE TABLE motif_keys (
  key INTEGER PRIMARY KEY,
  motif_id INTEGER NOT NULL REFERENCES motifs(id)
) STRICT;
CREATE INDEX ideas_motif ON ideas(motif_id) WHERE motif_id IS NOT NULL;
-- Ideas of older versions; none is planned without a motif any more.
CREATE INDEX ideas_without_motif ON ideas(id) WHERE motif_id IS NULL AND refused_reason IS NULL;

-- What its owner said of a picture by its number; NULL = nothing, so what is seen in the outbox counts.
ALTER TABLE assets ADD COLUMN opinion TEXT CHECK (opinion IN ('kept', 'dropped'));

-- What a market was told: JSON, in the order of its table; NULL = by an older version.
ALTER TABLE submissions ADD COLUMN keywords TEXT;
CREATE INDEX submissions_basket ON submissions(basket_id);
