"""When things happen: what Temporal replays."""
