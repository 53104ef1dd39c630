//! What a webhook is sent, and by what it knows that it comes from us (Standard Webhooks, version 1).

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use report::ChinaMoment;
use serde_json::json;
use sha2::Sha256;

use crate::{operations::LetterDraft, web::report::page_path};

/// What secrets begin with where they are shown.
const SECRET_PREFIX: &str = "whsec_";

/// A secret as its owner is told of it.
pub(crate) fn shown_secret(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", BASE64.encode(secret))
}

/// The body of a letter. Addresses of ours begin with `base`.
pub(super) fn body(draft: &LetterDraft<'_>, base: &str) -> String {
    let entries = draft.entries.iter().map(|entry| {
        json!({
            "id": entry.report,
            "version": entry.version,
            "title": entry.title,
            "url": format!("{base}{}", page_path(&entry.report)),
            "source": entry.source,
            "kind": entry.kind().code(),
            "at": ChinaMoment::from(entry.at),
        })
    });
    json!({
        "alert": draft.token,
        "name": draft.name,
        "entries": entries.collect::<Vec<_>>(),
    })
    .to_string()
}

/// The headers of a letter that is sent at `now`.
pub(super) fn headers(
    id: &str,
    body: &str,
    secret: &[u8],
    now: Timestamp,
) -> Option<[(&'static str, String); 3]> {
    let at = now.as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(body.as_bytes());
    let signature = BASE64.encode(&mac.finalize().into_bytes());
    Some([
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", format!("v1,{signature}")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example of the reference libraries of Standard Webhooks.
        let secret = BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        let body = "{\"test\": 2432232314}";
        let [id, at, signature] = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", body, &secret, now).unwrap();
        assert_eq!(id.1, "msg_p5jXN8AQM9LWM0D4loKWxJek");
        assert_eq!(at.1, "1614265330");
        assert_eq!(signature.1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(shown_secret(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }
}
