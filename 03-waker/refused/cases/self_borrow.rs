struct SelfReferential<'a> {
    value: String,
    borrow: Option<&'a str>,
}

fn main() {
    let mut here = SelfReferential { value: "hello".to_owned(), borrow: None };
    here.borrow = Some(&here.value);
    let there = here;
    println!("{:?}", there.borrow);
}
