"""A domain: registers, records and change requests. A record changes only through an approved change request."""
