//! The offline internet: a small HTTP server on loopback with a gallery of pictures.
