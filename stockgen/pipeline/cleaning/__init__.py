"""What can be thrown away: found without touching anything (`finding`), and removed by order (`removing`).

Nothing of the outbox is ever among it: pictures, papers and baskets are their owner's.
"""
