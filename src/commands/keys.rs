//! `keys`: API keys of a data directory.

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use report::ChinaTime;
use serde_json::json;

use super::Settings;
use crate::{
    cli::{KeysAction, KeysArgs},
    failure::wrong_call,
    operations::{Key, Operations},
};

/// Longest name of a key, in characters.
const MAX_NAME: usize = 100;

pub(super) fn run(settings: &Settings, args: &KeysArgs) -> anyhow::Result<ExitCode> {
    let now = Timestamp::now();
    let mut out = std::io::stdout().lock();
    match &args.action {
        KeysAction::Create {
            scope,
            name,
            expires,
            json: as_json,
        } => {
            if name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
                return Err(wrong_call(format!("--name: at most {MAX_NAME} characters")));
            }
            let scope = scope
                .parse()
                .map_err(|error| wrong_call(format!("--scope: {error}")))?;
            let expires_at = expires.as_deref().map(|text| end(text, now)).transpose()?;
            let operations = Operations::open(settings.data_to_write()?)?;
            let key = operations.create_key(scope, name.as_deref(), expires_at, now)?;
            if *as_json {
                writeln!(out, "{}", json!({"id": key.id, "key": key.text}))?;
            } else {
                writeln!(out, "{}", key.text)?;
                eprintln!("key {} of scope {scope}; it is shown this once only", key.id);
            }
        }
        KeysAction::List { json: as_json } => {
            let keys = Operations::open(settings.data_to_read()?)?.keys()?;
            if *as_json {
                let keys: Vec<_> = keys.iter().map(|key| as_value(key, now)).collect();
                writeln!(out, "{}", json!({"keys": keys}))?;
            } else {
                table(&mut out, &keys, now)?;
            }
        }
        KeysAction::Revoke { id } => {
            if !Operations::open(settings.data_to_read()?)?.revoke_key(id, now)? {
                return Err(wrong_call(format!(
                    "no key {id:?}; `gongbao keys list` shows their ids"
                )));
            }
            eprintln!("key {id} is revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// When a key ends that lasts so long from now on.
fn end(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let lasts = humantime::parse_duration(text).map_err(|error| {
        wrong_call(format!(
            "--expires {text:?} is no length of time such as 90d: {error}"
        ))
    })?;
    if lasts.is_zero() {
        return Err(wrong_call("--expires: a key lasts longer than no time"));
    }
    SignedDuration::try_from(lasts)
        .ok()
        .and_then(|lasts| now.checked_add(lasts).ok())
        .context("--expires is too far away")
        .map_err(|error| wrong_call(error.to_string()))
}

fn as_value(key: &Key, now: Timestamp) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "state": key.state(now),
        "created_at": ChinaTime::from(key.created_at),
        "expires_at": key.expires_at.map(ChinaTime::from),
        "revoked_at": key.revoked_at.map(ChinaTime::from),
    })
}

fn table(out: &mut impl Write, keys: &[Key], now: Timestamp) -> anyhow::Result<()> {
    if keys.is_empty() {
        eprintln!("no keys; `gongbao keys create --scope read` makes one");
        return Ok(());
    }
    writeln!(out, "id          scope   state    created     expires     name")?;
    for key in keys {
        let day = |moment: Timestamp| ChinaTime::from(moment).date().to_string();
        let state = format!("{:?}", key.state(now)).to_lowercase();
        // What somebody typed as a name must not move the cursor of a terminal.
        let name: String = key
            .name
            .iter()
            .flat_map(|name| name.chars())
            .filter(|c| !c.is_control())
            .collect();
        writeln!(
            out,
            "{:10}  {:6}  {state:7}  {}  {:10}  {name}",
            key.id,
            key.scope.code(),
            day(key.created_at),
            key.expires_at.map_or_else(|| "never".to_owned(), day),
        )?;
    }
    Ok(())
}
