-- When the pictures of a basket that its market has had were removed by order; its table stays.
ALTER TABLE baskets ADD COLUMN cleaned_at TEXT;
