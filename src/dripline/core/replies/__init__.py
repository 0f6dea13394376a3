"""What people ask for by what they write."""
