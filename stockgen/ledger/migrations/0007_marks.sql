-- By which a sale is told again when the same table is pasted twice: a hash of its row; NULL = a script wrote it.
ALTER TABLE sales ADD COLUMN line TEXT;
CREATE UNIQUE INDEX sales_once ON sales(asset_id, market, line) WHERE line IS NOT NULL;
CREATE INDEX sales_at ON sales(at);
CREATE INDEX submissions_state ON submissions(market, state, at);
