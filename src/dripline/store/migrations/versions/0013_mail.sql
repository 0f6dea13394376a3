-- The HTML that stands beside a step's plain text, where its channel shows HTML.
ALTER TABLE steps ADD COLUMN html text;
