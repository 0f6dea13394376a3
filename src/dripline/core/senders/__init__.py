"""The accounts that send: their pace, their lanes, and how they rest."""
