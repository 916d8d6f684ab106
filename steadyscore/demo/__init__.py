"""`steadyscore demo`: the main job as a story, over HTTP."""
