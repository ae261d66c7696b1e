"""What can be thrown away: found without touching anything (`finding`), and removed by order (`removing`).

Of the outbox only copies are ever among it, in baskets that their market has had. Job folders, `review/` and reports
are their owner's.
"""
