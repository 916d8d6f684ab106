"""For tests of workflows: fake activities under their registered names, and a record's runs on a real server."""
