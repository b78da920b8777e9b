//! What is done to each picture: gray, blur, thumbnail.
