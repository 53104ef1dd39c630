//! What an element is for the nesting of others.

/// Elements that nest alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    Html,
    Head,
    Body,
    /// `meta`, `link`, `base`: without content, belongs in the head.
    Metadata,
    /// Content is not markup: scripts, styles, the title …
    Raw,
    /// Without content.
    Void,
    /// `br`.
    Break,
    P,
    /// Breaks lines and ends a paragraph.
    Block,
    Form,
    Heading,
    List,
    Li,
    /// `dd` and `dt`.
    Dd,
    Table,
    RowGroup,
    Row,
    Cell,
    Caption,
    Anchor,
    Select,
    Option,
    Button,
    /// Anything inline or unknown.
    Other,
}

impl Tag {
    pub(super) const COUNT: usize = Self::Other as usize + 1;

    pub(super) fn of(name: &str) -> Self {
        match name {
            "html" => Self::Html,
            "head" => Self::Head,
            "body" => Self::Body,
            "meta" | "link" | "base" | "basefont" | "bgsound" => Self::Metadata,
            "script" | "style" | "title" | "textarea" | "iframe" | "xmp" | "noembed" | "noscript" => {
                Self::Raw
            }
            "area" | "col" | "embed" | "hr" | "img" | "image" | "input" | "param" | "source" | "track"
            | "wbr" | "frame" | "keygen" => Self::Void,
            "br" => Self::Break,
            "p" => Self::P,
            "address" | "article" | "aside" | "blockquote" | "center" | "details" | "dialog" | "div"
            | "fieldset" | "figcaption" | "figure" | "footer" | "header" | "hgroup" | "main" | "nav"
            | "pre" | "listing" | "search" | "section" | "summary" => Self::Block,
            "form" => Self::Form,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "ul" | "ol" | "dl" | "dir" | "menu" => Self::List,
            "li" => Self::Li,
            "dd" | "dt" => Self::Dd,
            "table" => Self::Table,
            "tbody" | "thead" | "tfoot" | "colgroup" => Self::RowGroup,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            "caption" => Self::Caption,
            "a" => Self::Anchor,
            "select" => Self::Select,
            "option" | "optgroup" => Self::Option,
            "button" => Self::Button,
            _ => Self::Other,
        }
    }

    /// End tags below do not reach above it.
    pub(super) fn is_scope(self) -> bool {
        matches!(
            self,
            Self::Html | Self::Body | Self::Table | Self::Cell | Self::Caption
        )
    }

    /// Starts a line of its own.
    pub(super) fn is_block(self) -> bool {
        matches!(
            self,
            Self::P
                | Self::Block
                | Self::Form
                | Self::Heading
                | Self::List
                | Self::Li
                | Self::Dd
                | Self::Table
                | Self::RowGroup
                | Self::Row
                | Self::Cell
                | Self::Caption
        )
    }

    /// A paragraph ends where it starts. Not so a table: pages of its time nest it in the paragraph.
    pub(super) fn closes_paragraph(self) -> bool {
        matches!(
            self,
            Self::P | Self::Block | Self::Form | Self::Heading | Self::List | Self::Li | Self::Dd
        )
    }
}
