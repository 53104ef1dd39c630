//! Parameters that several operations have, described from what reads them: limits and closed lists are those of the
//! program.

use index::{Facet, Group, Mode, QualityFilter, SearchRequest, Sort};
use report::{Genre, IssuerType, Report, Role};
use serde_json::Value;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, Required, Schema, SchemaFormat,
        extensions::ExtensionsBuilder,
        path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
        schema::{ArrayBuilder, ObjectBuilder, Type},
    },
};

/// Parameters of an address.
type Parameters = Vec<Parameter>;

/// The query and its mode.
pub(crate) struct Query;

/// Conditions beside the query.
pub(crate) struct Filters;

/// Pages of a search, and what is shown of its hits.
pub(crate) struct Hits;

/// Near-duplicates as one.
pub(crate) struct Grouped;

/// The moment of the corpus.
pub(crate) struct AsOf;

/// `fields` of a report.
pub(crate) struct Fields;

/// The id of a report, in the path.
pub(crate) struct ReportPath;

/// A yes or no.
pub(crate) fn flag(name: &str, what: &str, usual: bool) -> Parameter {
    let choices = choice(["true", "false"].map(Value::from));
    query(name, what, choices.default(Some(usual.to_string().into()))).build()
}

/// Whether a CSV begins with a byte order mark.
pub(crate) fn bom() -> Parameter {
    let what = "csv: whether it begins with a byte order mark, for Excel";
    flag("bom", what, false)
}

impl IntoParams for Query {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        vec![
            query(
                "q",
                "The query, in the query language; empty for every report",
                text().max_length(Some(index::MAX_CHARS)),
            )
            .example(Some("\"双随机、一公开\"".into()))
            .build(),
            query(
                "mode",
                "How bare terms are read",
                choice(codes(Mode::ALL, Mode::code)).default(Some("words".into())),
            )
            .build(),
        ]
    }
}

impl IntoParams for Filters {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        let code = || text().pattern(Some("^([0-9]{2}|[0-9]{4}|[0-9]{6})?$"));
        vec![
            many(
                "region",
                "A division with all below it: six digits, or the first two or four of a province or city; an old code stands for its successors",
                code(),
            ),
            many("genre", "Kind of report", choice(codes(Genre::ALL, Genre::code))),
            many("year", "Year that the report is about", year()),
            many("year_from", "First such year", year()),
            many("year_to", "Last such year", year()),
            many("published_from", "First day of publication", day()),
            many("published_to", "Last day of publication", day()),
            many(
                "issuer_type",
                "Kind of issuing body",
                choice(codes(IssuerType::ALL, IssuerType::code)),
            ),
            many("portal", "Id of a portal", text()),
            many(
                "section",
                "The whole query matches inside one section of this role",
                choice(codes(Role::ALL, Role::code)),
            ),
            many(
                "quality",
                "`clean`: without a flag of quality",
                choice(codes(QualityFilter::ALL, QualityFilter::code)),
            ),
            many(
                "changed_since",
                "Recorded, or found to be gone for good, at this day or moment (RFC 3339) or later",
                text(),
            ),
        ]
        .into_iter()
        .chain(AsOf::into_params(|| None))
        .collect()
    }
}

impl IntoParams for Hits {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        let usual = SearchRequest::default();
        let names = Report::FIELDS
            .iter()
            .copied()
            .chain(super::super::search::OF_HITS);
        vec![
            sort(),
            query(
                "limit",
                "Hits on a page",
                number(SearchRequest::MAX_LIMIT).default(Some(usual.limit.into())),
            )
            .build(),
            query(
                "cursor",
                "`next_cursor` of the page before, with the same other parameters; good for 15 minutes",
                text(),
            )
            .build(),
            listed(
                "facets",
                "Fields whose values are counted, with commas or repeated",
                choice(codes(Facet::ALL, Facet::code)),
            ),
            group(),
            query(
                "passages",
                "Passages of the text shown of a hit",
                number(SearchRequest::MAX_PASSAGES).default(Some(usual.passages.into())),
            )
            .build(),
            listed(
                "fields",
                "Fields of the hits, with commas or repeated; all but `text` and `outline` when absent",
                choice(names.map(Value::from)),
            ),
        ]
    }
}

impl IntoParams for Grouped {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        vec![group()]
    }
}

impl IntoParams for AsOf {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        let what = "The corpus as it was known then: the `state` of an earlier answer, another moment (RFC 3339), or a day, \
                    which stands for its end";
        vec![query("as_of", what, text()).build()]
    }
}

impl IntoParams for Fields {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        let names = choice(Report::FIELDS.iter().copied().map(Value::from));
        vec![listed(
            "fields",
            "Fields wanted, with commas or repeated; all when absent",
            names,
        )]
    }
}

impl IntoParams for ReportPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Parameters {
        vec![path(
            "id",
            "Id of the report",
            text().min_length(Some(1)).max_length(Some(200)),
            "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a",
        )]
    }
}

/// A variable part of a path.
pub(crate) fn path(name: &str, what: &str, schema: ObjectBuilder, example: impl Into<Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(what))
        .schema(Some(schema))
        .example(Some(example.into()))
        .build()
}

/// A parameter that stands at most once.
pub(crate) fn query(name: &str, what: &str, schema: ObjectBuilder) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(what))
        .schema(Some(schema))
}

/// A parameter that may be repeated; one of the values is enough.
pub(crate) fn many(name: &str, what: &str, schema: ObjectBuilder) -> Parameter {
    listed(name, &format!("{what}; repeatable"), schema)
}

/// The order of hits.
pub(crate) fn sort() -> Parameter {
    let what = "Order; by relevance, or latest first without a query";
    query("sort", what, choice(codes(Sort::ALL, Sort::code))).build()
}

fn group() -> Parameter {
    let choices = choice(codes(Group::ALL, Group::code)).default(Some("none".into()));
    query("group", "`duplicates`: near-duplicates are one hit", choices).build()
}

/// A parameter whose values stand with commas or repeated.
pub(crate) fn listed(name: &str, what: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(what))
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .schema(Some(Schema::Array(ArrayBuilder::new().items(schema).build())))
        .build()
}

/// A text.
pub(crate) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A day.
pub(crate) fn day() -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
}

/// A year.
pub(crate) fn year() -> ObjectBuilder {
    number(9_999)
}

/// A whole number from 1.
pub(crate) fn number(most: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(most))
}

/// A text beside a name that means something else elsewhere: what it means here, in Chinese.
pub(crate) fn zh(parameter: ParameterBuilder, meaning: &str) -> Parameter {
    let extensions = ExtensionsBuilder::new().add("x-zh", meaning).build();
    parameter.extensions(Some(extensions)).build()
}

/// One of a closed list.
pub(crate) fn choice(values: impl IntoIterator<Item = Value>) -> ObjectBuilder {
    text().enum_values(Some(values))
}

/// The codes of a closed list.
pub(crate) fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> impl Iterator<Item = Value> {
    all.iter().map(move |value| Value::from(code(*value)))
}
