"""Both cloud services of pictures, in a process of the tests' own: the wire formats of OpenAI and of Google, with
faults that happen when a test wants them, and books that tell what really happened.

    with Clouds(latency=2.0) as clouds:
        client = openai.OpenAI(base_url=clouds.openai_url, api_key=clouds.openai_key, max_retries=0)
        clouds.script("openai", "rate_limit_after:7", "slow:3", "ok")
        clouds.storm(share=0.3, seed=7, kinds=["internal", "drop", "moderation_blocked"])
        …
        assert clouds.wait(quiet=True)
        clouds.images, clouds.micros, clouds.delivered, clouds.most_parallel("openai"), clouds.arrivals

What is counted, exactly. The books live in the server's process; a client that is killed takes nothing with it.

*Arrival*: a request for pictures whose last byte was read, whatever becomes of it, with a wrong key or size as well.
Not the control plane, not lists of models. Its `id` is a hash of the prompt; `monotonic` is comparable with
`time.monotonic()` of any process of this computer.
*Billed* (`images`, `micros`): from the instant at which the pictures are made, which is when the latency is over and
before a byte of the answer is written; a client that went away meanwhile pays. Nothing for what failed before. Fault by
fault: tests/clouds/faults.py.
*Delivered*: the whole answer was written, and the kernel of the client has acknowledged its last byte (SIOCOUTQ is 0):
it is in that computer's memory. Whether the client's program has read it, nobody but that program knows. So a picture
delivered may be lost by a client that is killed at once; one not delivered can't have been received whole. The kernel
acknowledges up to 40 ms late: `wait(quiet=True)` before you ask. `drop`, `drip` and `hang` are never delivered;
`truncated`, `cut`, `webp` and `wrong_size` are, as answers.
*Parallel*: a request counts from its arrival until all but the last byte of its answer is written, so a client that
sends its next request when it has an answer is never counted twice. One that gives up and asks again is: the service
still works at the first.
"""

from tests.clouds.faults import BOTH, GEMINI, OPENAI
from tests.clouds.handle import Clouds

__all__ = ["BOTH", "GEMINI", "OPENAI", "Clouds"]
