"""HTTP in, HTTP out: routes, schemas, problems. Reads go to the store; nothing here talks to a workflow."""
