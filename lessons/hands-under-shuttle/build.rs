//! Copies the sources of `hands`, to be compiled with the locks and threads of shuttle.

fn main() -> std::io::Result<()> {
    mutations::copy_hands("hands_under_shuttle")
}
