"""What pages have in common: signs, avatars, the navigation, words, and what came of a form."""
