//! Runs the steps as a reader would, and reads back what they printed, drew and saved.
