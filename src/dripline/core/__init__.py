"""Pure decisions: no I/O, no clock, no chance, no logging. Values in, values out."""
