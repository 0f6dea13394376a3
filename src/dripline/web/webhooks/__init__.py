"""What others post: providers, lead sources, unsubscribe links."""
