use super::Presentation;
use crate::master_file::Tokens;
use crate::name::NameText;
use crate::{NameBuffer, RecordType};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

mod examples;
mod mistakes;
mod properties;

/// What `text` becomes as the data of a type, with relative names below `example.`.
fn read(record_type: RecordType, text: &str) -> Result<Vec<u8>, String> {
    let mut origin = NameText::ROOT;
    origin.copy(NameBuffer::from_text("example.").expect("a name").as_name());
    let mut tokens = Tokens::new(text.as_bytes(), origin);
    let mut data = Vec::new();
    super::read(record_type, &mut tokens, &mut data)
        .and_then(|()| tokens.finish())
        .map_err(|mistake| mistake.into_parts().message)?;
    Ok(data)
}

fn write(record_type: RecordType, data: &[u8]) -> String {
    Presentation { record_type, data }.to_string()
}

fn hexadecimal(data: &[u8]) -> String {
    data.iter().map(|octet| format!("{octet:02x}")).collect()
}
