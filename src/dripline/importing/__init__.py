"""Lead lists and sequence files, as people have them, read into values or refused row by row."""
