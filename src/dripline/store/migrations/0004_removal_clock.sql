-- what ended long ago is removed only by a clock that stands where it should, whichever process reads it

-- looked_at: when a processor last looked for what ended long ago, to the hour; NULL: never.
ALTER TABLE archiving ADD COLUMN looked_at INSTANT;

-- removes_from: from when on something is removed: a while after the clock was seen to jump.
ALTER TABLE archiving ADD COLUMN removes_from INSTANT;
