"""Where pictures are rendered: in a thread (cloud) or in a child process (GPU, procedural).

`base.BatchLane` keeps the book of the batch in hand, `worker.Worker` renders it; a lane joins the two, over
nothing (`thread`) or over a socket (`process`, `child`). What travels between them stands in `wire`.
"""
