"""The durable run: Temporal workflows and the contract with those who call and serve them."""
