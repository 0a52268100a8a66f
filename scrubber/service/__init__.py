"""The scrubber as a service over HTTP, with pages for people (docs/service.md)."""
