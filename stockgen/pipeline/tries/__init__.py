"""Several tries of one picture: measured as they render, judged when all have ended, the others laid by as spares."""
