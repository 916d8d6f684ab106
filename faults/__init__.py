"""What proves the invariants under faults: a stand, a load of approvals, and an oracle that judges the end state."""
