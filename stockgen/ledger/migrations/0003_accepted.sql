-- Which folder a job's file was laid into (device:inode:file system), NULL = it lies in none that we know.
ALTER TABLE jobs ADD COLUMN resting TEXT;
CREATE INDEX jobs_open_name ON jobs(source_name) WHERE state <> 'closed';
