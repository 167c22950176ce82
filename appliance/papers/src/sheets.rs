//! The sheets of a paper, and what is put on them. Lengths are points, from the upper left corner.

use crate::{
    Accent,
    faces::{Faces, Font, Weight},
    qr::Modules,
    tags::{ElementId, Tags},
};
use printpdf::{
    Actions, BorderArray, Color, DictItem, FontId, LinePoint, LinkAnnotation, Op, PaintMode, PdfFontHandle,
    Point, Polygon, PolygonRing, Pt, Rect, Rgb, TextItem, WindingOrder,
};
use std::collections::{BTreeMap, BTreeSet};

const MILLIMETRE: f32 = 72.0 / 25.4;

/// A4 (ISO 216), millimetres.
pub(crate) const SHEET: (f32, f32) = (210.0, 297.0);

/// Millimetres in points.
pub(crate) const fn mm(length: f32) -> f32 {
    length * MILLIMETRE
}

pub(crate) const INK: Accent = Accent { red: 0x1b, green: 0x1f, blue: 0x24 };
/// For what is beside the matter; 6 to 1 on white.
pub(crate) const QUIET: Accent = Accent { red: 0x57, green: 0x5d, blue: 0x66 };
pub(crate) const RULE: Accent = Accent { red: 0xc8, green: 0xcd, blue: 0xd3 };
pub(crate) const SHADE: Accent = Accent { red: 0xf1, green: 0xf3, blue: 0xf5 };

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// What the sheets carry so far.
#[derive(Debug)]
pub(crate) struct Sheets {
    pub(crate) faces: Faces,
    pub(crate) tags: Tags,
    pub(crate) pages: Vec<Vec<Op>>,
    /// What each face has drawn.
    pub(crate) used: BTreeMap<Weight, BTreeSet<char>>,
    /// What the faces lack.
    pub(crate) unwritable: BTreeSet<char>,
    page: usize,
}

impl Sheets {
    /// With one sheet, which is white.
    pub(crate) fn new(faces: Faces) -> Self {
        let (used, unwritable) = (BTreeMap::new(), BTreeSet::new());
        let mut sheets = Self { faces, tags: Tags::default(), pages: Vec::new(), used, unwritable, page: 0 };
        sheets.add();
        sheets
    }

    /// Goes on on another sheet.
    pub(crate) fn add(&mut self) {
        self.page = self.pages.len();
        self.pages.push(Vec::new());
        self.tags.add_page();
    }

    /// Goes back to a sheet.
    pub(crate) fn turn_to(&mut self, page: usize) {
        self.page = page;
    }

    /// Text as the faces can draw it.
    pub(crate) fn writable(&mut self, text: &str) -> String {
        self.faces.writable(text, &mut self.unwritable)
    }

    /// What is drawn is this element's.
    pub(crate) fn tagged(&mut self, element: ElementId, draw: impl FnOnce(&mut Self)) {
        let number = self.tags.content(element, self.page);
        let number = i64::try_from(number).expect("a sheet has fewer parts than 2⁶³");
        let map = BTreeMap::from([("MCID".to_owned(), DictItem::Int(number))]);
        let tag = self.tags.kind(element).to_owned();
        self.put(Op::BeginMarkedContentWithProperties { tag, properties: DictItem::Dict { map } });
        draw(self);
        self.put(Op::EndMarkedContent);
    }

    /// What is drawn is decoration, or said elsewhere already (ISO 32000-1 §14.8.2.2).
    pub(crate) fn artifact(&mut self, draw: impl FnOnce(&mut Self)) {
        self.put(Op::BeginMarkedContent { tag: "Artifact".to_owned() });
        draw(self);
        self.put(Op::EndMarkedContent);
    }

    /// One line of writable text. `base` is where its letters stand.
    pub(crate) fn text(&mut self, font: Font, colour: Accent, left: f32, base: f32, text: &str) {
        self.used.entry(font.weight).or_default().extend(text.chars());
        self.put(Op::SetFillColor { col: sheet_colour(colour) });
        self.put(Op::StartTextSection);
        let handle = PdfFontHandle::External(font_id(font.weight));
        self.put(Op::SetFont { font: handle, size: Pt(font.size) });
        self.put(Op::SetTextCursor { pos: point(left, base) });
        self.put(Op::ShowText { items: vec![TextItem::Text(text.to_owned())] });
        self.put(Op::EndTextSection);
    }

    /// A filled rectangle.
    pub(crate) fn fill(&mut self, colour: Accent, area: Area) {
        self.put(Op::SetFillColor { col: sheet_colour(colour) });
        self.put(Op::DrawRectangle { rectangle: Rect { mode: Some(PaintMode::Fill), ..rectangle(area) } });
    }

    /// A QR code in a square: one path, so that no seam shows between its modules.
    pub(crate) fn modules(&mut self, code: &Modules, square: Area) {
        let module = square.width / code.size as f32;
        let ring = |&(x, y, length): &(usize, usize, usize)| {
            let (left, top) = (square.left + x as f32 * module, square.top + y as f32 * module);
            let (right, bottom) = (left + length as f32 * module, top + module);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
            PolygonRing { points: corners.map(|(x, y)| LinePoint { p: point(x, y), bezier: false }).to_vec() }
        };
        let rings = code.runs.iter().map(ring).collect();
        self.put(Op::SetFillColor { col: sheet_colour(INK) });
        self.put(Op::DrawPolygon {
            polygon: Polygon { rings, mode: PaintMode::Fill, winding_order: WindingOrder::NonZero },
        });
    }

    /// Whoever clicks into the area is led to an address.
    pub(crate) fn link(&mut self, element: ElementId, address: &str, area: Area) {
        self.tags.annotation(element, self.page);
        let (rect, actions) = (rectangle(area), Actions::Uri(address.to_owned()));
        let border = Some(BorderArray::Solid([0.0; 3]));
        self.put(Op::LinkAnnotation { link: LinkAnnotation::new(rect, actions, border, None, None) });
    }

    fn put(&mut self, op: Op) {
        self.pages[self.page].push(op);
    }
}

/// Under which name the document has a face.
pub(crate) fn font_id(weight: Weight) -> FontId {
    FontId(match weight {
        Weight::Regular => "Regular".to_owned(),
        Weight::Bold => "Bold".to_owned(),
    })
}

fn sheet_colour(colour: Accent) -> Color {
    let [r, g, b] = [colour.red, colour.green, colour.blue].map(|part| f32::from(part) / 255.0);
    Color::Rgb(Rgb::new(r, g, b, None))
}

/// PDF counts from the lower left corner.
fn point(left: f32, top: f32) -> Point {
    Point { x: Pt(left), y: Pt(mm(SHEET.1) - top) }
}

fn rectangle(area: Area) -> Rect {
    let corner = point(area.left, area.top + area.height);
    Rect::from_xywh(corner.x, corner.y, Pt(area.width), Pt(area.height))
}
