"""Stand-ins for what is bought, under the names that the catalogue knows: always ready, and they buy nothing."""
