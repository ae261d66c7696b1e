-- What pictures are found by: the words of their ideas, in both languages. Kept by triggers, so that nobody forgets it.
CREATE VIRTUAL TABLE ideas_words USING fts5(
  title_en, title_ko, tags_en, tags_ko, prompt,
  content='ideas', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2', prefix='1 2 3'
);
INSERT INTO ideas_words (ideas_words) VALUES ('rebuild');
CREATE TRIGGER ideas_words_new AFTER INSERT ON ideas BEGIN
  INSERT INTO ideas_words (rowid, title_en, title_ko, tags_en, tags_ko, prompt)
  VALUES (new.id, new.title_en, new.title_ko, new.tags_en, new.tags_ko, new.prompt);
END;
CREATE TRIGGER ideas_words_other AFTER UPDATE OF title_en, title_ko, tags_en, tags_ko, prompt ON ideas BEGIN
  INSERT INTO ideas_words (ideas_words, rowid, title_en, title_ko, tags_en, tags_ko, prompt)
  VALUES ('delete', old.id, old.title_en, old.title_ko, old.tags_en, old.tags_ko, old.prompt);
  INSERT INTO ideas_words (rowid, title_en, title_ko, tags_en, tags_ko, prompt)
  VALUES (new.id, new.title_en, new.title_ko, new.tags_en, new.tags_ko, new.prompt);
END;
CREATE TRIGGER ideas_words_gone AFTER DELETE ON ideas BEGIN
  INSERT INTO ideas_words (ideas_words, rowid, title_en, title_ko, tags_en, tags_ko, prompt)
  VALUES ('delete', old.id, old.title_en, old.title_ko, old.tags_en, old.tags_ko, old.prompt);
END;
