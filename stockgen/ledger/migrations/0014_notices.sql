-- What people are told who are not here: one row for each piece of news and address, so that none is told twice.
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  news TEXT NOT NULL,                  -- names the piece of news, for ever
  address TEXT NOT NULL,               -- as notify.urls calls it; never an address itself
  text TEXT NOT NULL,
  picture TEXT NOT NULL DEFAULT '',    -- path in the outbox
  job TEXT REFERENCES jobs(id),        -- whose sheet it is: what numbers in a reply mean
  chat TEXT NOT NULL DEFAULT '',       -- where somebody asked, '' = the address' own
  reply_to TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),
  sent_as TEXT NOT NULL DEFAULT '',    -- chat:message
  made_at TEXT NOT NULL,
  UNIQUE (news, address)
) STRICT;
CREATE INDEX notices_waiting ON notices(id) WHERE state = 'waiting';
