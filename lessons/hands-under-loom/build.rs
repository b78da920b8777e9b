//! Copies the sources of `hands`, to be compiled with the locks and threads of loom.

fn main() -> std::io::Result<()> {
    mutations::copy_hands("hands_under_loom")
}
