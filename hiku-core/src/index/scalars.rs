//! Scalars that have no type of their own in Rust: `ID` of any text, and `BigInt` beyond the 32 bits of an `Int`.

use std::fmt;

use super::column::Column;
use super::value::{Newtype, Param, Value, expected};
use crate::error::Result;
use crate::graph::{Kind, ScalarDef, TypeDef};

/// The scalar `ID`: a text that is no text to read. Requests give a string or an integer.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ID(pub String);

impl From<&str> for ID {
    fn from(text: &str) -> Self {
        ID(text.to_owned())
    }
}

impl From<String> for ID {
    fn from(text: String) -> Self {
        ID(text)
    }
}

impl fmt::Display for ID {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Newtype for ID {
    type Inner = String;
    const SCALAR: &'static ScalarDef = &ScalarDef::new("ID", Kind::Text);
    fn wrap(inner: String) -> Self {
        ID(inner)
    }
    fn inner(&self) -> &String {
        &self.0
    }
    fn parse(value: &serde_json::Value) -> Result<Self> {
        match value {
            serde_json::Value::String(text) => Ok(ID(text.clone())),
            serde_json::Value::Number(number) if !number.is_f64() => Ok(ID(number.to_string())),
            other => Err(expected("ID", other)),
        }
    }
}

/// The scalar `BigInt`: an integer of 64 bits, which responses give as a string, because many clients cannot read it as a
/// number. Requests give an integer, or a string of its digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct BigInt(pub i64);

impl From<i64> for BigInt {
    fn from(number: i64) -> Self {
        BigInt(number)
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Newtype for BigInt {
    type Inner = i64;
    const SCALAR: &'static ScalarDef = &ScalarDef {
        description: Some("An integer of 64 bits, as a string of its digits."),
        parse: Some(|value| BigInt::parse(value).map(drop).map_err(|error| error.public_message())),
        serialize: Some(|column, row| Ok(<BigInt as Value>::read(column, row).serialize())),
        ..ScalarDef::new("BigInt", Kind::I64)
    };
    fn wrap(inner: i64) -> Self {
        BigInt(inner)
    }
    fn inner(&self) -> &i64 {
        &self.0
    }
    fn parse(value: &serde_json::Value) -> Result<Self> {
        let number = value.as_str().map_or_else(|| value.as_i64(), |text| text.parse().ok());
        number.map(BigInt).ok_or_else(|| expected("BigInt", value))
    }
    fn serialize(&self) -> serde_json::Value {
        self.0.to_string().into()
    }
}

macro_rules! value {
    ($($ty:ty)+) => {$(
        impl Value for $ty {
            const TYPE: &'static TypeDef = &TypeDef::Scalar(<$ty as Newtype>::SCALAR);
            fn write_to(&self, column: &mut Column) {
                self.0.write_to(column);
            }
            fn read(column: &Column, row: usize) -> Self {
                Self(Value::read(column, row))
            }
            fn from_json(value: &serde_json::Value) -> Result<Self> {
                Self::parse(value)
            }
            fn to_json(&self) -> serde_json::Value {
                self.serialize()
            }
        }
        impl<'a> Param<'a> for $ty {
            type Owned = Self;
            fn at(column: &'a Column, row: usize) -> Self {
                <Self as Value>::read(column, row)
            }
        }
    )+};
}
value! { ID BigInt }

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_a_string_or_an_integer() {
        assert_eq!(ID::parse(&json!("a")).unwrap(), ID::from("a"));
        assert_eq!(ID::parse(&json!(7)).unwrap(), ID::from("7"));
        assert!(ID::parse(&json!(7.5)).is_err() && ID::parse(&json!(true)).is_err());
    }

    #[test]
    fn a_big_integer_is_written_as_a_string_and_read_from_both() {
        let most = BigInt(i64::MAX);
        assert_eq!(most.to_json(), json!("9223372036854775807"));
        assert_eq!(BigInt::parse(&most.to_json()).unwrap(), most);
        assert_eq!(BigInt::parse(&json!(i64::MAX)).unwrap(), most);
        assert!(BigInt::parse(&json!("9223372036854775808")).is_err() && BigInt::parse(&json!(1.5)).is_err());
    }
}
