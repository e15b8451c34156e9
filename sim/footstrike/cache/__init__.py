"""Results of earlier sessions, found again by everything that they depend on: :func:`footstrike.cache.results.cached`."""
