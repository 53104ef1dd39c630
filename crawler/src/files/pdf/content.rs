//! What a page shows: its glyphs, each with its place, and the straight lines drawn on it.
//!
//! The content stream is run for the state of text and the matrix only; colours, images and clips do not matter. Forms
//! are run where they are shown. What text does is in `content/text.rs`, what lines do in `content/drawing.rs`. Places are those of the page as it is seen: rotated, y downwards, in points.

mod drawing;
mod matrix;
mod text;

use std::{collections::HashMap, rc::Rc};

use hayro_syntax::{
    content::{TypedIter, ops::TypedInstruction as Op},
    object::{Dict, Name, Object, ObjectIdentifier, Stream, dict::keys},
    page::{Page, Resources},
};

use self::{drawing::Path, matrix::Matrix, text::Mark};
use super::font::Font;
use crate::files::reason;

/// Most glyphs of a page; the rest of it is not read.
const MAX_GLYPHS: usize = 200_000;

/// Most instructions of a document.
const MAX_STEPS: u64 = 50_000_000;

/// Deepest nesting of forms, and of saved states.
const MAX_DEPTH: usize = 12;
const MAX_SAVED: usize = 200;

/// A character that the font does not tell.
pub(in crate::files) const UNKNOWN: char = '\u{fffd}';

/// One character where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::files) struct Glyph {
    /// U+FFFD where the font does not tell.
    pub(in crate::files) c: char,
    /// Where it begins on its baseline.
    pub(in crate::files) x: f64,
    pub(in crate::files) y: f64,
    /// How far it goes.
    pub(in crate::files) dx: f64,
    pub(in crate::files) dy: f64,
    /// Height of the font.
    pub(in crate::files) size: f64,
    /// The page says that it is a running head or a number of a page.
    pub(in crate::files) is_artifact: bool,
}

/// A straight line, across or upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::files) struct Rule {
    pub(in crate::files) x0: f64,
    pub(in crate::files) y0: f64,
    pub(in crate::files) x1: f64,
    pub(in crate::files) y1: f64,
}

#[derive(Default)]
pub(in crate::files) struct Shown {
    pub(in crate::files) glyphs: Vec<Glyph>,
    pub(in crate::files) rules: Vec<Rule>,
    pub(in crate::files) width: f64,
    pub(in crate::files) height: f64,
    pub(in crate::files) has_pictures: bool,
}

/// What pages share.
#[derive(Default)]
pub(super) struct Shared {
    fonts: HashMap<ObjectIdentifier, Rc<Font>>,
    steps: u64,
}

/// Runs a page.
///
/// # Errors
/// When the document has more instructions than are followed.
pub(super) fn run(page: &Page<'_>, shared: &mut Shared) -> Result<Shown, &'static str> {
    let (width, height) = page.render_dimensions();
    let mut machine = Machine {
        shared,
        shown: Shown {
            width: width.into(),
            height: height.into(),
            ..Shown::default()
        },
        state: State {
            ctm: Matrix(page.initial_transform(true).as_coeffs()),
            ..State::default()
        },
        saved: Vec::new(),
        text: Matrix::IDENTITY,
        line: Matrix::IDENTITY,
        marks: Vec::new(),
        path: Path::default(),
    };
    machine.run(page.page_stream().unwrap_or_default(), page.resources(), 0)?;
    let Shown {
        glyphs,
        width,
        height,
        ..
    } = &mut machine.shown;
    // What is outside of the page is not seen.
    let (right, bottom) = (*width + 10.0, *height + 10.0);
    glyphs.retain(|glyph| (-10.0..right).contains(&glyph.x) && (-10.0..bottom).contains(&glyph.y));
    Ok(machine.shown)
}
#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    /// 1 is the font's own width.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            ctm: Matrix::IDENTITY,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}
struct Machine<'s> {
    shared: &'s mut Shared,
    shown: Shown,
    state: State,
    saved: Vec<State>,
    /// Text matrix and text line matrix.
    text: Matrix,
    line: Matrix,
    marks: Vec<Mark>,
    path: Path,
}

impl Machine<'_> {
    fn run(&mut self, stream: &[u8], resources: &Resources<'_>, depth: usize) -> Result<(), &'static str> {
        let mut steps = TypedIter::new(stream);
        let mut fonts: HashMap<Vec<u8>, Rc<Font>> = HashMap::new();
        while let Some(step) = steps.next() {
            self.shared.steps += 1;
            if self.shared.steps > MAX_STEPS {
                return Err(reason::TOO_COMPLEX);
            }
            if self.shown.glyphs.len() >= MAX_GLYPHS {
                break;
            }
            match step {
                Op::SaveState(_) if self.saved.len() < MAX_SAVED => self.saved.push(self.state.clone()),
                Op::RestoreState(_) => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
                Op::Transform(m) => {
                    self.state.ctm = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]).then(self.state.ctm);
                }
                Op::BeginText(_) => (self.text, self.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                Op::CharacterSpacing(n) => self.state.char_space = n.0.as_f64(),
                Op::WordSpacing(n) => self.state.word_space = n.0.as_f64(),
                Op::HorizontalScaling(n) => self.state.stretch = n.0.as_f64() / 100.0,
                Op::TextLeading(n) => self.state.leading = n.0.as_f64(),
                Op::TextRise(n) => self.state.rise = n.0.as_f64(),
                Op::TextFont(font) => {
                    self.state.size = font.1.as_f64();
                    let known = fonts.get(&**font.0).cloned();
                    self.state.font = known.or_else(|| self.font(&resources.get_font(font.0)?));
                    if let Some(loaded) = &self.state.font {
                        fonts.insert(font.0.to_vec(), loaded.clone());
                    }
                }
                Op::NextLine(by) => self.move_line(by.0.as_f64(), by.1.as_f64()),
                Op::NextLineAndSetLeading(by) => {
                    self.state.leading = -by.1.as_f64();
                    self.move_line(by.0.as_f64(), by.1.as_f64());
                }
                Op::NextLineUsingLeading(_) => self.move_line(0.0, -self.state.leading),
                Op::SetTextMatrix(m) => {
                    self.line = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]);
                    self.text = self.line;
                }
                Op::ShowText(text) => self.show(text.0),
                Op::NextLineAndShowText(text) => {
                    self.move_line(0.0, -self.state.leading);
                    self.show(text.0);
                }
                Op::ShowTextWithParameters(text) => {
                    (self.state.word_space, self.state.char_space) = (text.0.as_f64(), text.1.as_f64());
                    self.move_line(0.0, -self.state.leading);
                    self.show(text.2);
                }
                Op::ShowTexts(texts) => self.show_all(texts.0),
                Op::XObject(name) if depth < MAX_DEPTH => {
                    if let Some(form) = resources.get_x_object(name.0) {
                        self.form(&form, resources, depth)?;
                    }
                }
                Op::BeginMarkedContent(mark) => self.mark(mark.0, None),
                Op::BeginMarkedContentWithProperties(mark) => {
                    let properties = match mark.1 {
                        Object::Dict(dict) => Some(dict.clone()),
                        Object::Name(name) => resources.properties.get::<Dict<'_>>(name),
                        _ => None,
                    };
                    self.mark(mark.0, properties.as_ref());
                }
                Op::EndMarkedContent(_) => self.unmark(),
                Op::InlineImage(_) | Op::Shading(_) => self.shown.has_pictures = true,
                step => self.draw(&step),
            }
        }
        Ok(())
    }

    fn font(&mut self, dict: &Dict<'_>) -> Option<Rc<Font>> {
        match dict.obj_id() {
            Some(id) => Some(
                self.shared
                    .fonts
                    .entry(id)
                    .or_insert_with(|| Rc::new(Font::new(dict)))
                    .clone(),
            ),
            None => Some(Rc::new(Font::new(dict))),
        }
    }

    /// Runs a form where it is shown; images are none.
    fn form(&mut self, form: &Stream<'_>, outer: &Resources<'_>, depth: usize) -> Result<(), &'static str> {
        let dict = form.dict();
        if dict.get::<Name<'_>>(keys::SUBTYPE).as_deref() != Some(b"Form") {
            self.shown.has_pictures = true;
            return Ok(());
        }
        let Ok(stream) = form.decoded_data() else {
            return Ok(());
        };
        let (state, saved) = (self.state.clone(), self.saved.len());
        if let Some(matrix) = dict.get::<[f64; 6]>(keys::MATRIX) {
            self.state.ctm = Matrix(matrix).then(self.state.ctm);
        }
        let own = dict.get::<Dict<'_>>(keys::RESOURCES).map(Resources::new);
        self.run(&stream, own.as_ref().unwrap_or(outer), depth + 1)?;
        self.state = state;
        self.saved.truncate(saved);
        Ok(())
    }
}
