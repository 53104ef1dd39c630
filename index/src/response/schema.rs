//! What a hit looks like in JSON, for those who describe answers: as [`Hit`] writes itself, which no derive can see.

use std::borrow::Cow;

use report::Report;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{AllOfBuilder, ArrayBuilder, ObjectBuilder, OneOfBuilder, Type},
    },
};

use super::{Duplicates, Highlight, Hit, MatchedBy};

impl PartialSchema for Hit {
    fn schema() -> RefOr<Schema> {
        let list = |name: Cow<'static, str>| ArrayBuilder::new().items(Ref::from_schema_name(name));
        let own = ObjectBuilder::new()
            .property("score", f32::schema())
            .property("matched_by", list(MatchedBy::name()))
            .property("highlights", list(Highlight::name()))
            .property(
                "duplicates",
                OneOfBuilder::new()
                    .item(ObjectBuilder::new().schema_type(Type::Null))
                    .item(Ref::from_schema_name(Duplicates::name())),
            );
        let hit = AllOfBuilder::new()
            .item(Ref::from_schema_name(Report::name()))
            .item(own)
            .description(Some(
                "A report that was found, without `text` and `outline` unless `fields` names them, and why it was.",
            ));
        hit.into()
    }
}

impl ToSchema for Hit {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
        add::<Report>(schemas);
        add::<MatchedBy>(schemas);
        add::<Highlight>(schemas);
        add::<Duplicates>(schemas);
    }
}
