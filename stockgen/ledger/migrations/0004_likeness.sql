-- What each finished picture looks like, in 1,536 bytes (docs/checks.md): every new one is compared with all.
-- `id` is never used twice, so that whoever has read up to one reads on from there.
CREATE TABLE likenesses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id INTEGER NOT NULL UNIQUE REFERENCES assets(id) ON DELETE CASCADE,
  shot_id INTEGER NOT NULL,
  kept BLOB NOT NULL
) STRICT;
