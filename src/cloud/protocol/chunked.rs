//! S3's `aws-chunked` bodies, their trailers, and the checksums clients send.
//!
//! `STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER]` and `STREAMING-UNSIGNED-PAYLOAD-TRAILER` frame
//! the body as `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n`, ended by a chunk of size zero and
//! then, with a trailer, `name:value\r\n` lines. Signatures are not checked: any key is accepted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use md5::Digest as _;

use crate::aws_model::Checksum;
use crate::cloud::error::ApiError;

/// Whether the body is framed.
pub fn is_chunked(headers: &HeaderMap) -> bool {
    let starts = |name: &str, with: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.starts_with(with))
    };
    let encoded = headers
        .get("content-encoding")
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.split(',').any(|part| part.trim() == "aws-chunked"));
    starts("x-amz-content-sha256", "STREAMING-") || encoded
}

/// The content of a framed body. The trailer's fields join `headers`; `aws-chunked` leaves
/// `content-encoding`, which would else be stored with the object.
pub fn unframe(headers: &mut HeaderMap, body: &Bytes) -> Result<Bytes, ApiError> {
    let (content, trailer) = split(body.clone()).ok_or_else(incomplete)?;
    let declared = headers
        .get("x-amz-decoded-content-length")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    if declared.is_some_and(|length| length != content.len()) {
        return Err(incomplete());
    }
    for (name, value) in trailer {
        headers.insert(name, value);
    }
    drop_encoding(headers);
    Ok(content)
}

fn incomplete() -> ApiError {
    ApiError::new(
        "IncompleteBody",
        400,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

type Trailer = Vec<(HeaderName, HeaderValue)>;

fn split(mut body: Bytes) -> Option<(Bytes, Trailer)> {
    let mut content = BytesMut::new();
    loop {
        let line = take_line(&mut body)?;
        let size = line.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            break;
        }
        if body.len() < size + 2 {
            return None;
        }
        content.extend_from_slice(&body.split_to(size));
        if !body.starts_with(b"\r\n") {
            return None;
        }
        body.advance(2);
    }
    let mut trailer = Vec::new();
    while !body.is_empty() {
        let line = take_line(&mut body)?;
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':')?;
        trailer.push((
            HeaderName::from_bytes(name.trim().as_bytes()).ok()?,
            HeaderValue::from_str(value.trim()).ok()?,
        ));
    }
    Some((content.freeze(), trailer))
}

fn take_line(body: &mut Bytes) -> Option<String> {
    let end = body.windows(2).position(|pair| pair == b"\r\n")?;
    let line = body.split_to(end);
    body.advance(2);
    String::from_utf8(line.to_vec()).ok()
}

fn drop_encoding(headers: &mut HeaderMap) {
    let Some(encoding) = headers
        .get("content-encoding")
        .and_then(|v| v.to_str().ok())
    else {
        return;
    };
    let kept: Vec<_> = encoding
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "aws-chunked")
        .collect();
    let kept = kept.join(",");
    headers.remove("content-encoding");
    if let (false, Ok(value)) = (kept.is_empty(), HeaderValue::from_str(&kept)) {
        headers.insert("content-encoding", value);
    }
}

/// Compares the content with what the client says of it: Content-MD5, `x-amz-checksum-*`,
/// `x-amz-content-sha256`. Where the operation (by `rules`) requires it, saying nothing is refused.
/// Without rules `x-amz-checksum-*` is not about the content: completing an upload names the
/// object's.
pub fn verify(
    headers: &HeaderMap,
    content: &Bytes,
    rules: Option<&Checksum>,
) -> Result<(), ApiError> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let mut said = false;
    if let Some(sent) = text("content-md5") {
        said = true;
        verify_md5(sent, content)?;
    }
    let required = rules.is_some_and(|rules| rules.request_checksum_required);
    for (header, digest) in CHECKSUMS.iter().filter(|_| rules.is_some()) {
        let Some(sent) = text(&format!("x-amz-checksum-{header}")) else {
            continue;
        };
        said = true;
        if sent != STANDARD.encode(digest(content)) {
            return Err(ApiError::new(
                "BadDigest",
                400,
                format!(
                    "The {} you specified did not match the calculated checksum.",
                    header.to_uppercase()
                ),
            ));
        }
    }
    if let Some(sent) = text("x-amz-content-sha256").filter(|sent| sent.len() == 64)
        && !sent.eq_ignore_ascii_case(&hex::encode(sha2::Sha256::digest(content)))
    {
        return Err(ApiError::new(
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ));
    }
    if required && !said && !has_unknown_checksum(headers) {
        return Err(ApiError::new(
            "InvalidRequest",
            400,
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        ));
    }
    Ok(())
}

fn verify_md5(sent: &str, content: &Bytes) -> Result<(), ApiError> {
    let decoded = STANDARD.decode(sent).unwrap_or_default();
    if decoded.len() != 16 {
        return Err(ApiError::new(
            "InvalidDigest",
            400,
            "The Content-MD5 you specified was invalid.",
        ));
    }
    if decoded != md5::Md5::digest(content).as_slice() {
        return Err(ApiError::new(
            "BadDigest",
            400,
            "The Content-MD5 you specified did not match what we received.",
        ));
    }
    Ok(())
}

/// A checksum in an algorithm that is not computed here (xxhash): taken on trust.
fn has_unknown_checksum(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        name.as_str()
            .strip_prefix("x-amz-checksum-")
            .is_some_and(|rest| !matches!(rest, "type" | "mode" | "algorithm"))
    })
}

type Digest = fn(&Bytes) -> Vec<u8>;

const CHECKSUMS: &[(&str, Digest)] = &[
    ("crc32", |b| crc32fast::hash(b).to_be_bytes().to_vec()),
    ("crc32c", |b| crc32c(b).to_be_bytes().to_vec()),
    ("crc64nvme", |b| crc64nvme(b).to_be_bytes().to_vec()),
    ("sha1", |b| sha1::Sha1::digest(b).to_vec()),
    ("sha256", |b| sha2::Sha256::digest(b).to_vec()),
    ("sha512", |b| sha2::Sha512::digest(b).to_vec()),
    ("md5", |b| md5::Md5::digest(b).to_vec()),
];

/// The checksum of this algorithm (`crc32`, `crc32c`, `crc64nvme`, `sha256`, …), base64 as S3
/// writes it; none for one that is not computed here.
pub fn checksum(algorithm: &str, content: &Bytes) -> Option<String> {
    CHECKSUMS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(algorithm))
        .map(|(_, digest)| STANDARD.encode(digest(content)))
}

/// Castagnoli's CRC-32 (RFC 3720), reflected.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0u32; 256];
        let mut n = 0;
        while n < 256 {
            let mut crc = n as u32;
            let mut bit = 0;
            while bit < 8 {
                crc = (crc >> 1) ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 };
                bit += 1;
            }
            table[n] = crc;
            n += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        (crc >> 8) ^ TABLE[((crc ^ u32::from(*byte)) & 0xFF) as usize]
    })
}

/// The CRC-64 of NVM Express, reflected: the default of today's SDKs.
fn crc64nvme(bytes: &[u8]) -> u64 {
    const TABLE: [u64; 256] = {
        let mut table = [0u64; 256];
        let mut n = 0;
        while n < 256 {
            let mut crc = n as u64;
            let mut bit = 0;
            while bit < 8 {
                crc = (crc >> 1)
                    ^ if crc & 1 == 1 {
                        0x9A6C_9329_AC4B_C9B5
                    } else {
                        0
                    };
                bit += 1;
            }
            table[n] = crc;
            n += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| {
        (crc >> 8) ^ TABLE[((crc ^ u64::from(*byte)) & 0xFF) as usize]
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn check_values_of_the_crc_catalogue() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(crc64nvme(b"123456789"), 0xAE8B_1486_0A79_9888);
    }

    #[test]
    fn frames_and_trailers_come_apart() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "content-encoding",
            HeaderValue::from_static("aws-chunked,gzip"),
        );
        headers.insert(
            "x-amz-decoded-content-length",
            HeaderValue::from_static("9"),
        );
        let framed = Bytes::from_static(
            b"5;chunk-signature=ab\r\n12345\r\n4\r\n6789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n",
        );
        let content = unframe(&mut headers, &framed).unwrap();
        assert_eq!(content, Bytes::from_static(b"123456789"));
        assert_eq!(headers["content-encoding"], "gzip");
        assert_eq!(headers["x-amz-checksum-crc32"], "y/Q5Jg==");
        let rules = Checksum {
            request_checksum_required: true,
            ..Checksum::default()
        };
        assert_eq!(verify(&headers, &content, Some(&rules)), Ok(()));
        let other = Bytes::from_static(b"12345678");
        assert_eq!(verify(&headers, &other, None), Ok(()));
        let wrong = verify(&headers, &other, Some(&rules));
        assert_eq!(wrong.unwrap_err().code, "BadDigest");
    }

    #[test]
    fn a_body_cut_short_is_incomplete() {
        let cut = Bytes::from_static(b"5\r\n123");
        assert_eq!(
            unframe(&mut HeaderMap::new(), &cut).unwrap_err().code,
            "IncompleteBody"
        );
    }
}
