"""What the providers that buy pictures share. Nothing here imports a heavy library at import."""
