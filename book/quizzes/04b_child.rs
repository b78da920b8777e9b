use hands::cancel::Token;

fn main() {
    let parent = Token::new();
    let (one, other) = (parent.child(), parent.child());
    one.cancel();
    let [parent, one, other] = [parent, one, other].map(|token| token.is_cancelled());
    println!("parent: {parent}, one: {one}, other: {other}");
}
