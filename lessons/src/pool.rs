//! A fixed number of workers, and the tasks they share.
