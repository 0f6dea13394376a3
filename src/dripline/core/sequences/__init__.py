"""What is sent, step by step: sequences, their content, and their answers to what may happen."""
