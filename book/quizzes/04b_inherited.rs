use hands::cancel::Token;
use std::time::Duration;

fn main() {
    let parent = Token::new().with_timeout(Duration::from_millis(50));
    let child = parent.child();
    println!("{:?}", child.sleep(Duration::from_secs(3600)));
}
