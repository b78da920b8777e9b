//! A downloader that survives the internet.
