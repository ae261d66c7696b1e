"""From orders to the outbox: plan → dispatch → route → finish → publish → papers → basket."""
