//! Whatever serde can describe comes back as it was.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fmt::Debug;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU8;
use std::ops::{Bound, Range};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{decode, encode};

const MOST: usize = 1 << 20;

fn encoded<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0xaa];
    encode(value, &mut bytes, MOST).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bytes.remove(0), 0xaa, "what was there stays");
    bytes
}

/// The value comes back: alone, and with others before and after it.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug + Clone>(value: T) {
    let bytes = encoded(&value);
    assert_eq!(decode::<T>(&bytes).unwrap_or_else(|error| panic!("{value:?}: {error}")), value);
    for cut in [0, bytes.len() / 2, bytes.len() - 1] {
        assert!(decode::<T>(&bytes[..cut]).is_err(), "a part of it is not it");
    }
    let around = (7_u8, vec![value.clone(), value.clone()], Some(value.clone()), "end".to_owned());
    assert_eq!(decode::<(u8, Vec<T>, Option<T>, String)>(&encoded(&around)).unwrap(), around);
    let map: BTreeMap<u8, T> = [(1, value.clone()), (2, value)].into();
    assert_eq!(decode::<BTreeMap<u8, T>>(&encoded(&map)).unwrap(), map);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Plain {
    Unit,
    #[serde(skip)]
    #[allow(dead_code)]
    Never,
    Newtype(Option<u8>),
    Tuple(u8, String, f32),
    Struct {
        a: Option<()>,
        b: Vec<Plain>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    Point { x: f64, y: f64 },
    Plain(Plain),
    Many(Vec<Untagged>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    Nothing,
    Point { x: i32, y: i32 },
    Inner(Sparse),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Nothing,
    One(u128),
    Two(u8, char),
    Named { plain: Plain },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    second: Vec<u8>,
    third: u8,
    #[serde(skip)]
    fourth: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fifth: Option<String>,
    #[serde(rename = "six", alias = "sechs", default)]
    sixth: Option<Option<u8>>,
}

/// Fields that only one side knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct OneSided {
    #[serde(skip_deserializing)]
    sent: u16,
    kept: u8,
    #[serde(skip_serializing, default)]
    wanted: u8,
    last: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    sparse: Sparse,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FlatEnum {
    name: String,
    #[serde(flatten)]
    kind: Internal,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    value: u8,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    children: Vec<Tree>,
    next: Option<Box<Tree>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
    #[serde(with = "serde_bytes_by_hand")]
    bytes: Vec<u8>,
}

/// Bytes as bytes, like in the crate `serde_bytes`.
mod serde_bytes_by_hand {
    use serde::de::{Deserializer, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        from.deserialize_byte_buf(Bytes)
    }
}

#[test]
fn scalars_and_options_keep_what_they_are() {
    same(());
    same(true);
    same(u8::MAX);
    same((i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    same((u16::MAX, u32::MAX, u64::MAX, u128::MAX, usize::MAX, isize::MIN));
    same((f32::MIN_POSITIVE, f64::MAX, f64::INFINITY, -0.0_f64));
    same(('a', '\u{10ffff}', String::new(), "gr\u{fc}n".to_owned()));
    same((None::<u8>, Some(1), Some(()), None::<()>, Some(Some(())), Some(None::<()>)));
    same(vec![Some(Some(1)), Some(None), None]);
    same(Some(Value::Null));
    same((Ok::<u8, String>(1), Err::<u8, _>("no".to_owned())));
    same((Unit, Newtype(7), Pair(1, "x".to_owned()), Box::new(Unit)));
    let nan = f64::from_bits(0x7ff8_0000_dead_beef);
    let back: [f64; 1] = decode(&encoded(&[nan])).unwrap();
    assert_eq!(back[0].to_bits(), nan.to_bits());
    assert!(decode::<f32>(&encoded(&f32::NAN)).unwrap().is_nan());
}

#[test]
fn what_the_standard_library_has_arrives() {
    same((Duration::new(3, 7), SystemTime::UNIX_EPOCH + Duration::from_secs(9)));
    same((PathBuf::from("a/b"), OsString::from("c"), NonZeroU8::MIN));
    same::<(IpAddr, SocketAddr)>(("::1".parse().unwrap(), "1.2.3.4:5".parse().unwrap()));
    same((1..5, 1..=5, Bound::Included(2), Bound::<u8>::Unbounded));
    same(Range { start: Some('a'), end: None });
    same(HashMap::from([((1_u8, 'x'), vec!["y".to_owned()]), ((2, 'z'), vec![])]));
    same(BTreeMap::from([(Some(1), 2.5), (None, 3.5)]));
    same(BTreeMap::from([(vec![1_i128], Some(()))]));
    same(BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    same(BTreeMap::from([(true, [0_u8; 32]), (false, [1; 32])]));
    same(Cow::<'static, str>::Borrowed("cow"));
}

#[test]
fn lists_of_one_type_are_short_and_others_arrive_all_the_same() {
    for numbers in [vec![], vec![1_u8], vec![7; 1000]] {
        assert!(encoded(&numbers).len() <= numbers.len() + 6);
        same(numbers);
    }
    assert_eq!(encoded(&vec![1.5_f64; 1000]).len(), 8000 + 6);
    same((1_u8, 2_u8, 3_u16, 4_u8, "five".to_owned()));
    same(vec![vec![1_u8, 2], vec![], vec![3]]);
    same(vec![Newtype(1), Newtype(2)]);
    same(json!([1, 2, 3, "four", 5, [6, 7, -8], 9.5, null, true, { "a": [] }]));
    same(vec![Untagged::Number(1), Untagged::Number(2), Untagged::Signed(-3), Untagged::Number(4)]);
    same(vec![true, false, true]);
    same(vec![(); 1000]);
    same(vec![Some(1_u8), None, Some(2)]);
    same("char by char".chars().collect::<Vec<_>>());
}

#[test]
fn a_name_is_written_once() {
    let sparse = |third| Sparse { third, ..Sparse::default() };
    let (one, hundred) = (encoded(&sparse(1)).len(), encoded(&vec![sparse(1); 100]).len());
    assert!(hundred < one + 100 * 16, "{hundred} for a hundred of {one}");
    same((0..100).map(sparse).collect::<Vec<_>>());
}

#[test]
fn fields_that_are_left_out_shift_no_others() {
    for first in [None, Some(1)] {
        for second in [vec![], vec![2]] {
            for fifth in [None, Some("5".to_owned())] {
                for sixth in [None, Some(None), Some(Some(6))] {
                    let (second, fifth) = (second.clone(), fifth.clone());
                    same(Sparse { first, second, third: 3, fourth: 0, fifth, sixth });
                }
            }
        }
    }
    let sent = OneSided { sent: 1, kept: 2, wanted: 3, last: 4 };
    let came: OneSided = decode(&encoded(&sent)).unwrap();
    assert_eq!(came, OneSided { sent: 0, kept: 2, wanted: 0, last: 4 });
    same(Strict { a: 1, bytes: vec![0, 255] });
}

#[test]
fn what_is_not_written_by_the_same_type_is_an_error() {
    assert!(decode::<u8>(&encoded(&256_u16)).is_err());
    assert!(decode::<Vec<u8>>(&encoded("text")).is_err());
    assert!(decode::<(u8, u8)>(&encoded(&(1_u8, 2_u8, 3_u8))).is_err());
    assert!(decode::<Plain>(&encoded("Other")).is_err());
    assert!(decode::<Plain>(&encoded("Newtype")).is_err());
    assert!(decode::<Strict>(&encoded(&Sparse::default())).is_err());
    assert!(decode::<Untagged>(&encoded(&Some(()))).is_err());
    assert!(decode::<u8>(&[]).is_err());
    assert!(decode::<u8>(&[encoded(&1_u8), vec![0]].concat()).is_err());
}

#[test]
fn numbers_that_serde_cannot_keep_are_an_error_that_says_what_to_write() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Wide {
        Signed(i128),
        Text(String),
    }
    for wide in [1, i128::MAX] {
        let error = decode::<Wide>(&encoded(&Wide::Signed(wide))).unwrap_err().to_string();
        assert!(error.contains("send it as text"), "{error}");
    }
    same(Wide::Text("1".to_owned()));
}

#[test]
fn bytes_are_bytes() {
    struct Bytes(Vec<u8>);
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_bytes(&self.0)
        }
    }
    let bytes = encoded(&Bytes(vec![7; 1000]));
    assert_eq!(bytes.len(), 1005);
    assert_eq!(decode::<Vec<u8>>(&bytes).unwrap(), [7; 1000], "who asks for a list gets one");
}

#[test]
fn what_is_too_long_or_too_deep_is_an_error_that_says_so() {
    let mut out = Vec::new();
    let error = encode(&vec!["x".repeat(1000); 2000], &mut out, MOST).unwrap_err().to_string();
    assert!(error.starts_with("it is longer than 1 MiB, which is the limit"), "{error}");
    assert!(out.len() <= MOST && out.capacity() <= 2 * MOST);

    let chain = |length| {
        let tree = |next| Tree { value: 1, children: Vec::new(), next };
        (0..length).fold(tree(None), |chain, _| tree(Some(Box::new(chain))))
    };
    let nested = |length| (0..length).fold(json!(1), |inner, _| json!({ "in": [inner] }));
    // The thread of a test has as much stack as that of a worker.
    same(chain(120));
    same(nested(120));
    let many =
        |length| (0..length).fold(Untagged::Number(1), |inner, _| Untagged::Many(vec![inner]));
    same(many(250));
    same(json!({ "in": (0..250).fold(json!(1), |inner, _| json!([inner])) }));
    let error = encode(&chain(130), &mut Vec::new(), MOST).unwrap_err().to_string();
    assert!(error.starts_with("it is nested more than 256 levels deep"), "{error}");
    assert!(encode(&nested(130), &mut Vec::new(), MOST).is_err());
    assert!(encode(&chain(1000), &mut Vec::new(), MOST).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn plains() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        Just(Plain::Unit),
        any::<Option<u8>>().prop_map(Plain::Newtype),
        (any::<u8>(), ".{0,8}", -1e30_f32..1e30).prop_map(|(a, b, c)| Plain::Tuple(a, b, c)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        (any::<Option<()>>(), prop::collection::vec(inner, 0..6))
            .prop_map(|(a, b)| Plain::Struct { a, b })
    })
}

fn untagged() -> impl Strategy<Value = Untagged> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Untagged::Number),
        (i64::MIN..0).prop_map(Untagged::Signed),
        (-1e300..1e300).prop_map(Untagged::Float),
        ".{0,8}".prop_map(Untagged::Text),
        (-1e300..1e300, -1e300..1e300).prop_map(|(x, y)| Untagged::Point { x, y }),
        // A variant without data is a text.
        plains().prop_filter("ambiguous", |p| *p != Plain::Unit).prop_map(Untagged::Plain),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop::collection::vec(inner, 0..6).prop_map(Untagged::Many)
    })
}

fn sparse() -> impl Strategy<Value = Sparse> {
    (
        any::<Option<u8>>(),
        prop::collection::vec(any::<u8>(), 0..5),
        any::<u8>(),
        prop::option::of(".{0,8}"),
        any::<Option<Option<u8>>>(),
    )
        .prop_map(|(first, second, third, fifth, sixth)| Sparse {
            first,
            second,
            third,
            fourth: 0,
            fifth,
            sixth,
        })
}

fn internal() -> impl Strategy<Value = Internal> {
    prop_oneof![
        Just(Internal::Nothing),
        any::<(i32, i32)>().prop_map(|(x, y)| Internal::Point { x, y }),
        sparse().prop_map(Internal::Inner),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_json_comes_back(value in values()) {
        same(value);
    }

    #[test]
    fn any_enum_comes_back(plain in plains(), untagged in untagged(), internal in internal()) {
        same(plain.clone());
        same(untagged);
        same(internal);
        same(Adjacent::Named { plain });
    }

    #[test]
    fn any_adjacent_comes_back(a in any::<u8>(), c in any::<char>(), n in any::<u64>()) {
        // serde keeps no more than 64 bits of a number whose tag comes after it; ours comes before.
        same(vec![Adjacent::Nothing, Adjacent::One(u128::from(n)), Adjacent::Two(a, c)]);
        same(Adjacent::One(u128::MAX - u128::from(n)));
    }

    #[test]
    fn any_flat_struct_comes_back(
        name in ".{0,8}",
        kind in internal(),
        sparse in sparse(),
        rest in prop::collection::btree_map("r.{0,4}", values(), 0..5),
    ) {
        same(FlatEnum { name: name.clone(), kind });
        same(Flat { name, sparse, rest });
    }

    #[test]
    fn any_mixture_comes_back(lists in prop::collection::vec(prop::collection::vec(any::<Option<i16>>(), 0..9), 0..9),
                              tuples in any::<Vec<(u8, u8, char, Option<String>, i128)>>()) {
        same((lists, tuples));
    }

    #[test]
    fn damaged_bytes_are_an_error_or_another_value_and_never_a_panic(
        plain in plains(), at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let mut bytes = encoded(&plain);
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = decode::<Plain>(&bytes);
        let _ = decode::<Value>(&bytes);
    }
}
