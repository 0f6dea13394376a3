"""The only code that talks to a provider. It knows `core` and nothing else of ours."""
