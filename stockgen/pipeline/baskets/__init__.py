"""Baskets: folders for one upload to one market. Same clicks for every file in one, within the quota.

`outbox` sees what people did with the pictures, `opinions` takes what they say by number, `choosing` picks by quota,
motif and words, `folder` builds and publishes, `making` does all of it for one market.
"""
