def clues(*a): return []
