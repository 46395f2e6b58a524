"""The fallback store: keeps and returns requests for operations that moto does not implement. Behaviour of a
single service belongs in `patches`."""
