"""Providers that draw small real pictures and misbehave on demand; built like any plugin, in any lane."""
