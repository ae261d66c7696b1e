"""Services that carry messages to people: Telegram by ourselves, all others by apprise. Nothing is imported before a
message is to be sent.

Telegram is ours, though apprise knows it: orders need its `getUpdates` and the numbers of messages anyway, a sheet is
to come with its words under it, and its refusals say exactly what to mend.
"""
