//! What the scripts of a page say without being run: the values of names, and the requests they make.
//!
//! A value is what a page writes behind a name, in a script (`siteId: '12'`) or on an element (`data-site-id="12"`,
//! `<input id="siteId" value="12">`, `<meta name="SiteId" content="12">`). A request is an address in quotes, together
//! with what is added to it (`'/search/' + channelId + '?page=' + page`), the parameters beside it
//! (`data: {siteId: siteId}`) and its method. What is added and has no value on the page stays empty, save the number
//! of a page, which is 1. All searches are bounded and linear in the length of the page.

mod all;
mod beside;
mod common_names;
mod sum;

use url::Url;

use self::beside::Beside;
use super::params;

/// Most places where a name is looked at.
const MAX_PLACES: usize = 200;

/// Most requests of one page that are read.
const MAX_CALLS: usize = 30;

/// A page whose scripts are looked through.
pub(super) struct Scripts<'a> {
    text: &'a str,
    /// The same with ASCII letters in lower case: offsets are the same.
    lower: String,
    page: &'a Url,
}

/// A request that a script makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Address as far as it could be put together.
    pub(super) address: String,
    /// Parameters beside it, urlencoded pairs.
    pub(super) params: String,
    pub(super) is_post: bool,
    /// It sends JSON, which is not a form.
    pub(super) is_json: bool,
    /// Something in it is the result of a function that only a browser can run.
    pub(super) needs_browser: bool,
}

impl Call {
    /// The address with the parameters: in its query, or as a form when it is a POST. `None` when it is no address.
    pub(super) fn request(&self, base: &Url) -> Option<(Url, Option<String>)> {
        let mut url = base.join(self.address.trim()).ok()?;
        if (self.is_post && self.is_json) || !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        if self.is_post {
            return Some((url, Some(self.params.clone())));
        }
        let mut query = url.query().unwrap_or_default().to_owned();
        for pair in self.params.split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap_or_default();
            if params::get(&query, name).is_none() {
                if !query.is_empty() {
                    query.push('&');
                }
                query.push_str(pair);
            }
        }
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        Some((url, None))
    }
}

impl<'a> Scripts<'a> {
    pub(super) fn new(text: &'a str, page: &'a Url) -> Self {
        Self {
            text,
            lower: text.to_ascii_lowercase(),
            page,
        }
    }

    /// Whether the page has a text, in lower case, in it.
    pub(super) fn has(&self, text: &str) -> bool {
        self.lower.contains(text)
    }

    /// The first value that is given to a name. Neither case nor `-` and `_` between its words matter.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// The same as a number.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.values(name).find_map(|value| value.trim().parse().ok())
    }

    /// All values that are given to a name.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let mut places: Vec<_> = spellings(name)
            .iter()
            .flat_map(|spelling| {
                let places = self.lower.match_indices(spelling.as_str()).take(MAX_PLACES);
                places.map(|(at, _)| (at, spelling.len())).collect::<Vec<_>>()
            })
            .collect();
        places.sort_unstable();
        let plain = name.to_ascii_lowercase();
        places
            .into_iter()
            .filter_map(|(at, length)| self.value_at(at, at + length))
            .filter(move |value| {
                let is_empty = value.trim().is_empty() || value.contains(['{', '<', '$']);
                // `'id=' + id + '&…'`
                let is_empty = is_empty || value.trim_start().starts_with('+');
                // `id="id" value="12"` names it twice.
                !is_empty && !value.eq_ignore_ascii_case(&plain)
            })
    }

    /// The value given to the name that stands at a place.
    fn value_at(&self, from: usize, to: usize) -> Option<&'a str> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let before = &self.text[..from];
        let after = &self.text[to..];
        // In the query of an address it is the name of a parameter.
        let is_parameter = before.ends_with(['&', '?']) || before.ends_with("&amp;");
        if is_parameter || before.ends_with(is_part) || after.starts_with(is_part) {
            return None;
        }
        let rest = after.trim_start_matches(['"', '\'']);
        let is_quoted = before.ends_with(['"', '\'']) && rest.len() < after.len();
        let behind = rest.trim_start();
        let assigned = behind
            .strip_prefix(':')
            .or_else(|| behind.strip_prefix('=').filter(|rest| !rest.starts_with('=')));
        if let Some(value) = assigned.and_then(|value| literal_value(value.trim_start())) {
            return Some(value);
        }
        // `id="siteId" value="12"`, in any order.
        is_quoted.then(|| self.attribute_beside(from, to)).flatten()
    }

    /// `value` or `content` of the tag that a place lies in.
    fn attribute_beside(&self, from: usize, to: usize) -> Option<&'a str> {
        let start = self.text[..from].rfind('<').filter(|start| from - start < 400)?;
        let end = to + self.text[to..].find('>').filter(|end| *end < 400)?;
        let tag = &self.lower[start..end];
        if tag.contains('>') || tag[1..].starts_with("script") {
            return None;
        }
        [" value=", " content=", "\tvalue=", "\ncontent="]
            .iter()
            .find_map(|name| {
                let at = start + tag.find(name)? + name.len();
                literal_value(&self.text[at..end])
            })
    }

    /// The requests whose address, as written in lower case, contains `marker`.
    pub(super) fn calls(&self, marker: &str) -> Vec<Call> {
        let mut calls: Vec<Call> = Vec::new();
        let mut read_up_to = 0;
        for (at, _) in self.lower.match_indices(marker).take(MAX_PLACES) {
            if at < read_up_to || calls.len() >= MAX_CALLS {
                continue;
            }
            let Some(open) = self.opening_quote(at) else {
                continue;
            };
            let (call, end) = self.call(open);
            read_up_to = end;
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        calls
    }

    /// Where the quote stands that opens the string around a place.
    fn opening_quote(&self, at: usize) -> Option<usize> {
        let from = self.text.floor_char_boundary(at.saturating_sub(300));
        let open = from + self.text[from..at].rfind(['"', '\'', '`', '\n', '<', '>', ' ', ';'])?;
        matches!(self.text.as_bytes()[open], b'"' | b'\'' | b'`').then_some(open)
    }

    /// The request whose address begins at a quote, and where it ends.
    fn call(&self, open: usize) -> (Call, usize) {
        let mut needs_browser = false;
        let (mut address, end) = self.sum(open, &mut needs_browser);
        if let Some(before) = self.added_before(open) {
            address.insert_str(0, &before);
        }
        let Beside {
            params,
            is_post,
            is_json,
        } = self.beside(open, end, &mut needs_browser);
        let address = address.replace("&amp;", "&");
        let call = Call {
            address,
            params,
            is_post,
            is_json,
            needs_browser,
        };
        (call, end)
    }
}

/// A quoted text or a number at the beginning of a text.
fn literal_value(text: &str) -> Option<&str> {
    let near = &text[..text.floor_char_boundary(500)];
    if let Some(quote) = near.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let inner = &near[1..];
        return Some(&inner[..inner.find(quote)?]);
    }
    let end = near.find(|c: char| !c.is_ascii_digit()).unwrap_or(near.len());
    let is_whole = !near[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    (end > 0 && is_whole).then(|| &near[..end])
}

/// A name in lower case, as scripts and as attributes write it: `channelid`, `channel-id`, `channel_id`.
fn spellings(name: &str) -> Vec<String> {
    let with = |mark: char| {
        let mut out = String::new();
        for (at, c) in name.char_indices() {
            if at > 0 && c.is_ascii_uppercase() {
                out.push(mark);
            }
            out.push(c.to_ascii_lowercase());
        }
        out
    };
    let plain = name.to_ascii_lowercase();
    if plain.is_empty() {
        return Vec::new();
    }
    let mut all = vec![plain, with('-'), with('_')];
    all.dedup();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = "http://a.gov.cn/zwgk/list.html?catId=77";

    fn calls(text: &str, marker: &str) -> Vec<Call> {
        let page = Url::parse(PAGE).unwrap();
        Scripts::new(text, &page).calls(marker)
    }

    fn requests(text: &str, marker: &str) -> Vec<String> {
        let page = Url::parse(PAGE).unwrap();
        let requests = calls(text, marker)
            .into_iter()
            .filter_map(|call| call.request(&page));
        requests
            .map(|(url, form)| match form {
                None => url[url::Position::BeforePath..].to_owned(),
                Some(form) => format!("{} POST {form}", &url[url::Position::BeforePath..]),
            })
            .collect()
    }

    #[test]
    fn values_stand_in_scripts_and_on_elements() {
        let page = Url::parse(PAGE).unwrap();
        let value = |text: &str| Scripts::new(text, &page).value("channelId").map(str::to_owned);
        for text in [
            "var channelId = 'ab12';",
            "channelId:\"ab12\"",
            "{\"channelId\" : \"ab12\"}",
            "<div data-channelid='ab12'>",
            "<div data-channel-id=\"ab12\">",
            "<ul channel_id=\"ab12\">",
            "<input type=\"hidden\" id=\"channelId\" value=\"ab12\">",
            "<meta content='ab12' name='ChannelId'/>",
            "var mychannelId='x'; channelId == 'y'; channelId = other; channelId=''; channelId = `ab12`",
        ] {
            assert_eq!(value(text).as_deref(), Some("ab12"), "{text}");
        }
        assert_eq!(value("channelId = 12;").as_deref(), Some("12"));
        for text in [
            "channelIds='x'",
            "channelId = 1.5",
            "channelId='{{id}}'",
            "<b id='channelId'>",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_put_together() {
        for script in [
            "var id='ab'; var url = \"/search/\" + id + \"?_isJson=true&page=\" + pageNo;",
            "<div data-url='/search/ab?_isJson=true&amp;page=1'></div>",
            "let id = \"ab\"; fetch(`/search/${id}?_isJson=true&page=${this.page}`)",
            "config = {id: 'ab', ctx: ''}; $.get(ctx + '/search/' + config.id + '?_isJson=true&page=' + (1))",
            "<input id=\"id\" value=\"ab\"><script>u='/search/'+$('#id').val()+'?_isJson=true&page='+encodeURIComponent(curPage)",
            "id='ab'; $.ajax({type: 'GET', url: '/search/' + id, data: {_isJson: true, page: page}, success: f})",
            "id='ab'; $.getJSON('/search/' + id, {'_isJson': 'true', \"page\": 1}, function (data) {})",
            "id='ab'; axios.get('/search/' + id, {params: {_isJson: true, page: 1}})",
            "id='ab'; var q = {_isJson: true, page: 1}; $.ajax({data: q, url: '/search/' + id})",
            "id='ab'; $.ajax({url: '/search/' + id, data: '_isJson=true&page=' + n})",
        ] {
            assert_eq!(
                requests(script, "/search/"),
                ["/search/ab?_isJson=true&page=1"],
                "{script}"
            );
        }
        assert_eq!(
            requests("u = base + '/search/x'; base = '/app'", "/search/"),
            ["/app/search/x"]
        );
        assert_eq!(
            requests(
                "u = '/search/x?cat=' + getQueryString('catId') + '&r=' + Math.random()",
                "/search/"
            ),
            ["/search/x?cat=77&r=0"]
        );
        assert_eq!(requests("// see /search/ or /search/x", "/search/"), [""; 0]);
    }

    #[test]
    fn posts_and_what_a_browser_makes_are_told() {
        for script in [
            "$.post('/search/x', {page: 1, size: '20'}, f)",
            "$.ajax({ url: '/search/x', method: \"POST\", data: {page: pageIndex, size: 20} })",
            "$.ajax({ type : 'post', data: {page: pageIndex, size: pageSize}, url: '/search/x' })",
        ] {
            assert_eq!(
                requests(script, "/search/"),
                ["/search/x POST page=1&size=20"],
                "{script}"
            );
        }
        let before = "$.ajax({url: '/other', type: 'post', data: {a: 1}}); u = '/search/x';";
        assert_eq!(
            requests(before, "/search/"),
            ["/search/x"],
            "another request's parameters are not ours"
        );
        assert!(calls("u = '/search/x?' + makeToken(id) + '&page=1'", "/search/")[0].needs_browser);
        assert!(!calls("u = '/search/x?id=' + encodeURI(id)", "/search/")[0].needs_browser);
    }

    #[test]
    fn any_character_may_stand_before_what_an_address_is_added_to() {
        let addresses = |script: &str| -> Vec<String> {
            let calls = calls(script, "/search/").into_iter();
            calls.map(|call| call.address).collect()
        };
        assert_eq!(addresses("u =¥'/app'+'/search/x'"), ["/app/search/x"]);
        assert_eq!(addresses("。base+'/search/x'"), ["/search/x"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "(['\"`]?/search/|channelId|data|[-+=:,.;(){}<>$ '\"`\\\\a1]|\\PC|ajax\\(|post){0,40}") {
            let page = Url::parse(PAGE).unwrap();
            let scripts = Scripts::new(&text, &page);
            let _ = scripts.value("channelId");
            for call in scripts.calls("/search/") {
                let _ = call.request(&page);
            }
        }
    }
}
