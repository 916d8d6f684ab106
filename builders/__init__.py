"""A domain: builders with their profiles, projects and collaborations, and the Builder Score that follows from them."""
