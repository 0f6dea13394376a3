"""Leads come in, are matched and enrolled, go on from record to record, and leave."""
