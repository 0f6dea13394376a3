"""WhatsApp by GOWA, a gateway of one's own."""
