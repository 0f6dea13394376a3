"""What dripline costs, measured beside the bare SQL that does the same on the same database in the same run."""
