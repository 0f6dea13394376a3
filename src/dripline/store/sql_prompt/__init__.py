"""What people change at a SQL prompt: taken up where it can be, refused in a sentence where it cannot."""
