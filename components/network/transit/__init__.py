"""The transit gateway and shared endpoints: the network account's side and the side of attached networks."""
