//! Collect: from a file as it was exported to facts in the lake.
