"""Files as rows of cells, whatever they are written in."""
