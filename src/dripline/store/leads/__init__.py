"""What is kept of people beside their enrollments, and how it is forgotten."""
