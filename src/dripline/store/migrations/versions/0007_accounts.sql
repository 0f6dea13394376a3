-- What a sender is called at its provider, where that is not its name: a phone number id, a device, a number.
ALTER TABLE senders ADD COLUMN account text;
