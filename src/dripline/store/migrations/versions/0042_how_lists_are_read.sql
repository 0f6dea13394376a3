-- meanings: what a person said that each column is, as a JSON list; a list with the same columns is read the same way.
ALTER TABLE imports ADD COLUMN meanings text;

-- noted: rows of which something was left out or taken in another way than it was written.
ALTER TABLE imports ADD COLUMN noted bigint NOT NULL DEFAULT 0;

-- opted_out: rows that say that nothing is to be sent to their person.
ALTER TABLE imports ADD COLUMN opted_out bigint NOT NULL DEFAULT 0;
